import Combiners
import Foundation
import Jobs
import RunConfiguration

/// How good the models of every combiner are on a real log, at the same tuning budget each.
///
/// Every method is trained from one seed at each learning rate and weight decay of a grid; the
/// setting with the best mean AUC on the validation rows is trained again from five other seeds, whose
/// AUC on the test rows is told. Each run takes one core, several run side by side, and what is done
/// is kept in a file, so that an interrupted study goes on.
struct CombinerStudy {
  private let configuration: String
  private let overrides: [String]
  private let results: StudyResults
  private let data: TrainingData
  private let tasks: [String]

  static let learningRates = [0.001, 0.003]
  static let weightDecays = [0, 1e-5]
  static let tuningSeed: UInt64 = 1
  static let seeds: [UInt64] = [11, 12, 13, 14, 15]

  init(configuration: String, overrides: [String], results: String) throws {
    self.configuration = configuration
    self.overrides = overrides
    self.results = try StudyResults(path: results)
    let run = try RunConfiguration.load(path: configuration, overrides: overrides)
    tasks = run.tasks.map(\.name)
    data = try TrainingData(run, context: JobContext())
  }

  /// Trains what is missing and answers the table, as Markdown.
  func run() throws -> String {
    let methods = Self.methods(mainTask: tasks[0])
    try train(
      methods.flatMap { method in
        Self.learningRates.flatMap { rate in
          Self.weightDecays.map {
            StudyRun(method: method.name, rate: rate, decay: $0, seed: Self.tuningSeed)
          }
        }
      }, methods)
    var chosen: [StudyRun] = []
    for method in methods {
      guard let best = results.best(of: method.name, seed: Self.tuningSeed) else { continue }
      chosen += Self.seeds.map {
        StudyRun(method: method.name, rate: best.rate, decay: best.decay, seed: $0)
      }
    }
    try train(chosen, methods)
    return StudyTable(results: results, methods: methods.map(\.name), tasks: tasks).markdown
  }

  // MARK: Methods

  private struct Method {
    let name: String
    let overrides: [String]
  }

  /// Every combiner with its defaults, those with a main task for the first one, and a network for
  /// each task with nothing shared.
  private static func methods(mainTask: String) -> [Method] {
    let single = Method(
      name: "single-task networks", overrides: ["network.architecture=single_task"])
    return [single]
      + CombinerKind.allCases.map { kind in
        let required = kind.profile.settings.filter(\.isRequired).map { setting in
          let value = setting.setting == .of ? CombinerKind.mgda.rawValue : mainTask
          return "\(setting.setting.rawValue): \(value)"
        }
        let entries = ["kind: \(kind.rawValue)"] + required
        return Method(
          name: kind.rawValue, overrides: ["combiner={\(entries.joined(separator: ", "))}"])
      }
  }

  // MARK: Training

  private func train(_ runs: [StudyRun], _ methods: [Method]) throws {
    let left = runs.filter { results[$0] == nil }
    let start = ContinuousClock.now
    try SideBySide.run(left.count) { index in
      try train(left[index], methods)
      let seconds = start.duration(to: .now) / .seconds(1)
      let remaining = seconds / Double(index + 1) * Double(left.count - index - 1)
      FileHandle.standardError.write(
        Data("\(index + 1) of \(left.count), \(Int(remaining)) s left\n".utf8))
    }
  }

  private func train(_ run: StudyRun, _ methods: [Method]) throws {
    guard let method = methods.first(where: { $0.name == run.method }) else { return }
    let configuration = try RunConfiguration.load(
      path: configuration,
      overrides: overrides + method.overrides + [
        "optimizer.learning_rate=\(run.rate)", "optimizer.weight_decay=\(run.decay)",
        "training.seed=\(run.seed)", "training.workers=1",
        "training.early_stopping={patience: 9}",
      ])
    var outcome: Trial?
    do {
      outcome = try data.trial(configuration) {}
    } catch let error as any CustomStringConvertible & Error {
      FileHandle.standardError.write(Data("\(run.method): \(error)\n".utf8))
    }
    try results.add(run, outcome)
  }
}

/// One training run of a study.
struct StudyRun: Codable, Hashable, Sendable {
  var method: String
  var rate: Double
  var decay: Double
  var seed: UInt64
}
