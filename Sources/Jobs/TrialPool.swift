internal import Combiners
import Foundation
internal import Interactions
internal import Logging
internal import ModelFiles
public import RunConfiguration
internal import Synchronization
public import Training
internal import Workers

/// Training runs on one data set in memory, side by side, one on each core.
///
/// What a run came to is kept by what was asked of it, so that an interrupted whole goes on where it
/// stopped, and wholes that have runs in common share them.
public struct TrialPool: Sendable {
  /// What became of one configuration.
  public struct Outcome: Sendable {
    /// As trained: on one worker.
    public var configuration: RunConfiguration
    /// Nil where training failed.
    public var trial: Trial?
    /// Why training failed; nil where it did not.
    public var failure: TrainingError?
    /// Identifies the run among those on the same data.
    let key: String
  }

  /// What the runs train on.
  public let data: TrainingData
  private let ledger: TrialLedger
  private let context: JobContext
  private let atOnce: Int

  /// A pool over some data.
  ///
  /// - Parameters:
  ///   - data: What the runs train on.
  ///   - context: Whom to tell how far they are, and when to stop.
  ///   - directory: Where results are kept.
  ///   - atOnce: How many run at the same time; nil is one for each core.
  ///   - fresh: Whether results that are kept from before are forgotten.
  /// - Throws: ``JobError/notKept(path:reason:)`` where the directory can't be written.
  public init(
    _ data: TrainingData, context: JobContext, directory: String = ".paretorank/trials",
    atOnce: Int? = nil, fresh: Bool = false
  ) throws {
    self.data = data
    self.context = context
    self.atOnce = atOnce ?? WorkerGroup.coreCount
    ledger = try TrialLedger(directory: directory, data: data.digest, fresh: fresh)
  }

  /// Trains what has not been trained yet and answers an outcome for each configuration, in order.
  ///
  /// A run whose training fails, as by a gradient that is not finite, has an outcome that says so;
  /// the others go on.
  ///
  /// - Parameters:
  ///   - configurations: Of the data's rows and features; equal ones are trained once.
  ///   - keepingScores: Whether the scores of the test rows are wanted.
  ///   - preferences: Weights of the tasks at which to measure conditioned networks.
  /// - Returns: What became of each, in the order of `configurations`.
  /// - Throws: ``JobError/cancelled``, and what keeping results throws.
  public func run(
    _ configurations: [RunConfiguration], keepingScores: Bool = false,
    preferences: [[Double]] = []
  ) throws -> [Outcome] {
    let wanted = try configurations.map { try Wanted($0, preferences: preferences) }
    var left: [Wanted] = []
    for run in wanted where !left.contains(where: { $0.key == run.key }) {
      if !isKnown(run, withScores: keepingScores) { left.append(run) }
    }
    let runs = left
    let reused = Set(wanted.map(\.key)).count - runs.count
    if reused > 0 {
      context.logger.info("\(reused) of \(reused + runs.count) runs are kept from before")
    }
    let progress = PoolProgress(
      steps: runs.map { data.stepCount(of: $0.configuration) }, context)
    let failures = Mutex<[String: TrainingError]>([:])
    try SideBySide.run(runs.count, atOnce: atOnce) { index in
      do {
        try train(runs[index], keepingScores: keepingScores) { try progress.step(of: index) }
      } catch let error as TrainingError {
        failures.withLock { $0[runs[index].key] = error }
      }
      progress.end(of: index)
    }
    return wanted.map { run in
      Outcome(
        configuration: run.configuration, trial: ledger[run.key],
        failure: failures.withLock { $0[run.key] }, key: run.key)
    }
  }

  /// An outcome's scores of the test rows for one of its tasks.
  ///
  /// - Throws: ``JobError/notKept(path:reason:)`` where they were not kept, or are gone.
  public func testScores(of outcome: Outcome, task: String) throws(JobError) -> [Float] {
    let tasks = outcome.configuration.tasks.map(\.name)
    let rowCount = data.rowCount(of: .test)
    guard let index = tasks.firstIndex(of: task),
      let scores = ledger.scores(key: outcome.key, taskCount: tasks.count, rowCount: rowCount)
    else {
      throw .notKept(
        path: "\(outcome.key).scores", reason: "kept scores are gone; run the command again")
    }
    return unsafe scores[index].withUnsafeBuffer { unsafe Array($0) }
  }

  // MARK: Runs

  private struct Wanted: Sendable {
    let configuration: RunConfiguration
    /// Empty for networks that are not conditioned.
    let preferences: [[Double]]
    let key: String

    init(_ asked: RunConfiguration, preferences: [[Double]]) throws {
      var configuration = asked
      self.preferences = asked.combiner.kind == .conditioned ? preferences : []
      configuration.training.workers = 1
      self.configuration = configuration
      // Where rows come from is the data's; where results go changes none.
      configuration.database = nil
      configuration.scoring = nil
      configuration.output = RunConfiguration.Output()
      var text = TrialPool.build + (try configuration.canonicalJSON())
      if !self.preferences.isEmpty { text += try self.preferences.json() }
      key = SHA256.hexadecimal(of: Array(text.utf8))
    }
  }

  /// Tells this program from others, whose engine may train otherwise: its size and its date.
  private static let build: String = {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(ProductVersion.current) \(attributes?[.size] ?? 0) \(date)\n"
  }()

  private func isKnown(_ run: Wanted, withScores: Bool) -> Bool {
    guard ledger[run.key] != nil else { return false }
    return !withScores
      || ledger.scores(
        key: run.key, taskCount: run.configuration.tasks.count,
        rowCount: data.rowCount(of: .test)) != nil
  }

  private func train(
    _ run: Wanted, keepingScores: Bool, onStep: () throws -> Void
  ) throws {
    let (trial, scores) = try data.scoredTrial(
      run.configuration, preferences: run.preferences, onStep: onStep)
    try ledger.add(trial, key: run.key, scores: keepingScores ? scores : nil)
  }
}

/// Counts the steps of runs side by side, and tells how far they are.
private final class PoolProgress: Sendable {
  private struct State {
    var done: [Int]
    var expected: [Int]
    var ended = 0
  }

  private let context: JobContext
  private let state: Mutex<State>

  /// `steps` are those that each run is expected to take.
  init(steps: [Int], _ context: JobContext) {
    self.context = context
    state = Mutex(State(done: steps.map { _ in 0 }, expected: steps))
  }

  func step(of run: Int) throws {
    try context.checkCancelled()
    tell { $0.done[run] += 1 }
  }

  /// A run that stopped early is expected to take no further steps.
  func end(of run: Int) {
    tell { state in
      state.ended += 1
      state.expected[run] = state.done[run]
    }
  }

  private func tell(_ change: (inout State) -> Void) {
    let now = state.withLock { state in
      change(&state)
      return state
    }
    context.onProgress(
      JobProgress(
        stage: "training", done: now.done.reduce(0, +), total: now.expected.reduce(0, +),
        detail: "\(now.ended) of \(now.expected.count) runs"))
  }
}
