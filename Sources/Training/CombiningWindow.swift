internal import Combiners

/// What combining did over a stretch of steps, none of it over two passes.
public struct CombiningWindow: Codable, Sendable, Equatable {
  /// Counted from 1 over the whole run.
  public var firstStep: Int
  public var steps: Int
  /// Steps in which every present task's gradient was computed, so that norms and cosines are known.
  public var measuredSteps: Int
  /// In the order of the run's tasks.
  public var tasks: [TaskWindow]
  /// Every two tasks, in that order.
  public var pairs: [PairWindow]

  /// One task's part.
  public struct TaskWindow: Codable, Sendable, Equatable {
    public var task: String
    /// Mean weight of its loss or gradient; nil where absent or where there is no such number.
    public var weight: Double?
    /// Mean loss in nats.
    public var loss: Double?
    /// Mean norm of its gradient over the shared parameters; nil where not measured.
    public var gradientNorm: Double?
    /// Share of the steps without a labelled row of it.
    public var absent: Double

    enum CodingKeys: String, CodingKey {
      case task, weight, loss
      case gradientNorm = "gradient_norm"
      case absent
    }
  }

  /// Two tasks' gradients.
  public struct PairWindow: Codable, Sendable, Equatable {
    public var first: String
    public var second: String
    /// Mean cosine over the measured steps with both; nil without any.
    public var cosine: Double?
    /// Share of those steps in which the two gradients oppose each other.
    public var conflicts: Double?
  }

  enum CodingKeys: String, CodingKey {
    case firstStep = "first_step"
    case steps
    case measuredSteps = "measured_steps"
    case tasks, pairs
  }
}

extension CombiningWindow {
  /// Several windows as one, each counting by its steps; nil without any.
  public static func mean(of windows: [CombiningWindow]) -> CombiningWindow? {
    guard var whole = windows.first else { return nil }
    func mean(
      _ value: (CombiningWindow) -> Double?, by steps: (CombiningWindow) -> Int
    ) -> Double? {
      var sum = 0.0
      var count = 0
      for window in windows {
        guard let number = value(window) else { continue }
        sum += number * Double(steps(window))
        count += steps(window)
      }
      return count > 0 ? sum / Double(count) : nil
    }
    whole.steps = windows.reduce(0) { $0 + $1.steps }
    whole.measuredSteps = windows.reduce(0) { $0 + $1.measuredSteps }
    for task in whole.tasks.indices {
      whole.tasks[task].weight = mean({ $0.tasks[task].weight }, by: \.steps)
      whole.tasks[task].loss = mean({ $0.tasks[task].loss }, by: \.steps)
      whole.tasks[task].gradientNorm = mean({ $0.tasks[task].gradientNorm }, by: \.measuredSteps)
      whole.tasks[task].absent = mean({ $0.tasks[task].absent }, by: \.steps) ?? 0
    }
    for pair in whole.pairs.indices {
      whole.pairs[pair].cosine = mean({ $0.pairs[pair].cosine }, by: \.measuredSteps)
      whole.pairs[pair].conflicts = mean({ $0.pairs[pair].conflicts }, by: \.measuredSteps)
    }
    return whole
  }
}

/// Adds steps up to a window.
struct CombiningWindowSums: Codable, Sendable, Equatable {
  private let taskNames: [String]
  private let firstStep: Int
  private(set) var steps = 0
  private var measuredSteps = 0
  private var weights: [Mean]
  private var losses: [Mean]
  private var norms: [Mean]
  /// `[first · taskCount + second]`.
  private var cosines: [Mean]
  private var conflicts: [Mean]

  init(taskNames: [String], firstStep: Int) {
    self.taskNames = taskNames
    self.firstStep = firstStep
    weights = Array(repeating: Mean(), count: taskNames.count)
    losses = weights
    norms = weights
    cosines = Array(repeating: Mean(), count: taskNames.count * taskNames.count)
    conflicts = cosines
  }

  mutating func add(_ report: StepReport) {
    steps += 1
    for task in taskNames.indices {
      if let weight = report.weights[task] { weights[task].add(weight) }
      if let loss = report.losses[task] { losses[task].add(loss) }
    }
    guard let gramian = report.gramian else { return }
    measuredSteps += 1
    for (row, first) in report.tasks.enumerated() {
      norms[first].add(gramian.norm(row))
      for (column, second) in report.tasks.enumerated() where column > row {
        guard let cosine = gramian.cosine(row, column) else { continue }
        cosines[first * taskNames.count + second].add(cosine)
        conflicts[first * taskNames.count + second].add(cosine < 0 ? 1 : 0)
      }
    }
  }

  /// What the steps come to.
  var window: CombiningWindow {
    let count = taskNames.count
    return CombiningWindow(
      firstStep: firstStep, steps: steps, measuredSteps: measuredSteps,
      tasks: taskNames.enumerated().map { task, name in
        CombiningWindow.TaskWindow(
          task: name, weight: weights[task].value, loss: losses[task].value,
          gradientNorm: norms[task].value,
          absent: steps > 0 ? 1 - Double(losses[task].count) / Double(steps) : 0)
      },
      pairs: (0..<count).flatMap { first in
        (first + 1..<max(count, first + 1)).map { second in
          CombiningWindow.PairWindow(
            first: taskNames[first], second: taskNames[second],
            cosine: cosines[first * count + second].value,
            conflicts: conflicts[first * count + second].value)
        }
      })
  }
}
