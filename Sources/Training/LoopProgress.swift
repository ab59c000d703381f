/// How far a run has come and what it has seen, between two steps.
///
/// With the numbers of its engine and those of its best pass, a run that goes on from here gives what an
/// undisturbed one gives, to the last bit.
public struct LoopProgress: Codable, Sendable, Equatable {
  /// Whole passes and steps done.
  public internal(set) var position: TrainingPosition
  /// Whole passes made, those that were gone back from included.
  public private(set) var passesMade = 0
  /// The passes done.
  public internal(set) var summaries: [EpochSummary] = []
  /// What combining did in the stretches done.
  public internal(set) var combining: [CombiningWindow] = []
  /// The validation value that later passes must be better than.
  var bestValue: Double?
  /// Where every task stops by itself.
  var stopping: TaskStopping?
  /// Each task's loss in the current pass.
  private(set) var losses: [Mean]
  private var window: CombiningWindowSums
  private let taskNames: [String]

  init(position: TrainingPosition, taskNames: [String]) {
    self.position = position
    self.taskNames = taskNames
    losses = taskNames.map { _ in Mean() }
    window = CombiningWindowSums(taskNames: taskNames, firstStep: position.step + 1)
  }

  /// Counts a step; the current stretch ends when it has so many steps.
  mutating func add(_ report: StepReport, endsWindowAfter steps: Int) {
    position.step += 1
    window.add(report)
    if window.steps >= steps {
      combining.append(window.window)
      window = CombiningWindowSums(taskNames: taskNames, firstStep: position.step + 1)
    }
    for (task, loss) in report.losses.enumerated() {
      if let loss { losses[task].add(loss) }
    }
  }

  /// Notes the pass that was just counted.
  mutating func endEpoch(validation: Double?) {
    passesMade += 1
    summaries.append(
      EpochSummary(
        epoch: position.epoch, losses: losses.map(\.value), validation: validation))
    losses = taskNames.map { _ in Mean() }
  }

  /// Forgets what came after an earlier position, from which the run goes on.
  mutating func goBack(to position: TrainingPosition) {
    self.position = position
    summaries.removeAll { $0.epoch > position.epoch }
    combining.removeAll { $0.firstStep > position.step }
    window = CombiningWindowSums(taskNames: taskNames, firstStep: position.step + 1)
  }
}
