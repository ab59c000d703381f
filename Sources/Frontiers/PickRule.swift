/// Which point of a frontier to take: the best one for a task among those good enough for others.
///
/// It is written as conditions and one goal, joined by commas: `purchase >= 0.95 best, maximise click`.
/// A condition holds a task to a number, `purchase >= 0.74`, or to a share of the best value that any of
/// the points has for the task. The share is of the value itself: where the best AUC is 0.80, `0.95
/// best` is 0.76, not 95 % of the way from a coin's 0.5.
public struct PickRule: Sendable, Equatable {
  /// Which values of a measure are the better ones.
  public enum Better: String, Sendable, Codable {
    /// Conditions are `>=` and the goal is `maximise`.
    case higher
    /// Conditions are `<=` and the goal is `minimise`.
    case lower
  }

  /// What a task is held to.
  public enum Bound: Sendable, Equatable {
    case value(Double)
    /// Times the best value of the points.
    case shareOfBest(Double)
  }

  /// A task that must be good enough.
  public struct Condition: Sendable, Equatable {
    /// Among the tasks that the rule was read with.
    public var task: Int
    public var bound: Bound

    public init(task: Int, bound: Bound) {
      self.task = task
      self.bound = bound
    }
  }

  /// All must hold.
  public let conditions: [Condition]
  /// The task to be as good as possible.
  public let goal: Int
  public let better: Better
  /// By task.
  public let taskNames: [String]

  public init(conditions: [Condition], goal: Int, better: Better, taskNames: [String]) {
    precondition(taskNames.indices.contains(goal))
    precondition(conditions.allSatisfy { taskNames.indices.contains($0.task) })
    self.conditions = conditions
    self.goal = goal
    self.better = better
    self.taskNames = taskNames
  }

  /// What was picked.
  public struct Choice: Sendable, Equatable {
    /// Among the points.
    public var point: Int
    /// By condition, the number that its task had to reach.
    public var bounds: [Double]
  }

  /// The point that meets all conditions and is best for the goal, and among equals for the others.
  ///
  /// - Parameter points: By point, by task, as the measure has them; those with a NaN aren't picked.
  /// - Returns: The point, and what the conditions came to.
  /// - Throws: ``PickError/nothingFits(_:)`` where no point meets the conditions.
  public func choice(from points: [[Double]]) throws(PickError) -> Choice {
    let sign = better == .higher ? 1.0 : -1.0
    let known = points.indices.filter { !points[$0].contains(where: \.isNaN) }
    func best(_ task: Int, of indices: [Int]) -> Double? {
      indices.map { sign * points[$0][task] }.max().map { sign * $0 }
    }
    let bounds = conditions.map { condition in
      switch condition.bound {
      case .value(let value): value
      case .shareOfBest(let share): share * (best(condition.task, of: known) ?? .nan)
      }
    }
    func shortfall(_ point: Int, _ index: Int) -> Double {
      sign * (bounds[index] - points[point][conditions[index].task])
    }
    let fitting = known.filter { point in bounds.indices.allSatisfy { shortfall(point, $0) <= 0 } }
    let pick = fitting.max { a, b in
      let goals = (sign * points[a][goal], sign * points[b][goal])
      let sums = (sign * points[a].reduce(0, +), sign * points[b].reduce(0, +))
      return (goals.0, sums.0, b) < (goals.1, sums.1, a)
    }
    if let pick { return Choice(point: pick, bounds: bounds) }
    let nearest = known.min { a, b in
      func worst(_ point: Int) -> Double { bounds.indices.map { shortfall(point, $0) }.max() ?? 0 }
      return worst(a) < worst(b)
    }
    throw .nothingFits(
      conditions.indices.map { index in
        let task = conditions[index].task
        return PickError.Miss(
          task: taskNames[task], bound: bounds[index], best: best(task, of: known),
          nearest: nearest.map { points[$0][task] })
      })
  }
}
