import Foundation
import Jobs
import RankingMetrics
import Synchronization

/// What the runs of a study came to, kept in a file of a JSON line each.
final class StudyResults: Sendable {
  /// A line of the file.
  struct Line: Codable, Sendable {
    var run: StudyRun
    /// Nil where training failed.
    var outcome: Outcome?
  }

  /// What is kept of a run.
  struct Outcome: Codable, Sendable {
    var epoch: Int
    var seconds: Double
    /// AUC on the validation rows, by task.
    var validation: [String: Double]
    /// AUC and log loss on the test rows, by task.
    var test: [String: Double]
    var testLogLoss: [String: Double]

    enum CodingKeys: String, CodingKey {
      case epoch, seconds, validation, test
      case testLogLoss = "test_log_loss"
    }

    /// Mean AUC over the tasks on the validation rows.
    var meanValidation: Double {
      validation.values.reduce(0, +) / Double(max(validation.count, 1))
    }
  }

  private let path: String
  private let lines: Mutex<[StudyRun: Line]>

  /// Reads what is there; a file that is not there is empty.
  init(path: String) throws {
    self.path = path
    var found: [StudyRun: Line] = [:]
    if FileManager.default.fileExists(atPath: path) {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      for line in text.split(separator: "\n") {
        let read = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        found[read.run] = read
      }
    }
    lines = Mutex(found)
  }

  subscript(run: StudyRun) -> Line? { lines.withLock { $0[run] } }

  /// Keeps what a run came to.
  func add(_ run: StudyRun, _ trial: Trial?) throws {
    let line = Line(
      run: run,
      outcome: trial.map {
        Outcome(
          epoch: $0.epoch, seconds: $0.seconds, validation: $0.validation.compactMapValues(\.auc),
          test: $0.test.compactMapValues(\.auc),
          testLogLoss: $0.test.compactMapValues(\.logLoss))
      })
    try lines.withLock { lines in
      lines[run] = line
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let text = lines.values
        .map { (key: "\($0.run.method) \($0.run.seed) \($0.run.rate) \($0.run.decay)", line: $0) }
        .sorted { $0.key < $1.key }
      let data = try text.map {
        String(decoding: try encoder.encode($0.line), as: UTF8.self) + "\n"
      }
      try Data(data.joined().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
  }

  /// The run of a method and seed with the best mean AUC on the validation rows.
  func best(of method: String, seed: UInt64) -> StudyRun? {
    all.filter { $0.run.method == method && $0.run.seed == seed && $0.outcome != nil }
      .max {
        ($0.outcome?.meanValidation ?? 0, $1.run.rate, $1.run.decay)
          < ($1.outcome?.meanValidation ?? 0, $0.run.rate, $0.run.decay)
      }?.run
  }

  /// What a method's runs from some seeds came to, by seed.
  func outcomes(of method: String, seeds: [UInt64]) -> [UInt64: Outcome] {
    var found: [UInt64: Outcome] = [:]
    for line in all where line.run.method == method && seeds.contains(line.run.seed) {
      found[line.run.seed] = line.outcome
    }
    return found
  }

  private var all: [Line] { lines.withLock { Array($0.values) } }
}
