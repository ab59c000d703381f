/// Which task must be positive before another one can be: a click before a purchase.
public struct Funnel: Sendable, Equatable {
  /// For each task the one before it, its predecessor; nil for a task that needs none.
  public let predecessors: [Int?]

  /// Creates a funnel; several tasks may have the same predecessor, but none may follow itself.
  public init(predecessors: [Int?]) {
    self.predecessors = predecessors
    for task in predecessors.indices {
      var current = predecessors[task]
      var steps = 0
      while let task = current {
        precondition(predecessors.indices.contains(task), "no task \(task)")
        steps += 1
        precondition(steps < predecessors.count, "a funnel that runs in a circle")
        current = predecessors[task]
      }
    }
  }

  /// Tasks of which none needs another.
  public static func none(taskCount: Int) -> Funnel {
    Funnel(predecessors: Array(repeating: nil, count: taskCount))
  }

  /// The tasks that must be positive before a task can be, first to last, then the task itself.
  public func chain(to task: Int) -> [Int] {
    (predecessors[task].map(chain(to:)) ?? []) + [task]
  }

  /// For each task its predecessor alone: what an ``Architecture/asymmetric`` network reads where nothing
  /// else is said.
  public var reads: [[Int]] { predecessors.map { $0.map { [$0] } ?? [] } }

  /// Every task, each after its predecessor.
  var inOrder: [Int] {
    predecessors.indices.sorted { (chain(to: $0).count, $0) < (chain(to: $1).count, $1) }
  }

  /// Whether any task has this one as its predecessor.
  func isFollowed(_ task: Int) -> Bool { predecessors.contains(task) }
}
