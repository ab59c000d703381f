/// What the validation rows say of the weights after a pass.
public struct PassValidation: Sendable {
  /// To be maximised; nil where it was not measured.
  public var value: Double?
  /// The same of each task by itself; empty where nobody asks for it.
  public var tasks: [Double?]

  public init(_ value: Double?, tasks: [Double?] = []) {
    self.value = value
    self.tasks = tasks
  }
}

/// After which pass each task was best, where every task stops by itself.
struct TaskStopping: Codable, Sendable, Equatable {
  private struct Pass: Codable, Equatable {
    var number: Int
    /// Nil where it was not measured, or is no number.
    var values: [Double?]
  }

  private var passes: [Pass] = []
  /// The pass that each stopped task's part is of; nil for tasks that still train.
  private(set) var stops: [Int?]

  init(taskCount: Int) { stops = Array(repeating: nil, count: taskCount) }

  var running: [Int] { stops.indices.filter { stops[$0] == nil } }

  /// Notes each task's validation value after a pass.
  mutating func note(_ values: [Double?], afterPass number: Int) {
    precondition(values.count == stops.count, "\(values.count) values of \(stops.count) tasks")
    passes.append(Pass(number: number, values: values.map { $0.flatMap { $0.isNaN ? nil : $0 } }))
  }

  /// The first pass after which a task was best so far; nil before its first value.
  func bestPass(of task: Int) -> Int? {
    var best: (pass: Int, value: Double)?
    for pass in passes {
      if let value = pass.values[task], best.map({ value > $0.value }) ?? true {
        best = (pass.number, value)
      }
    }
    return best?.pass
  }

  /// The tasks whose patience is over after the newest pass, with the pass that they were best after:
  /// the earliest such pass.
  ///
  /// After the last pass that is any task that was better before. A pass without a value of the task
  /// counts as no better and no worse.
  func due(patience: Int, isLast: Bool) -> (pass: Int, tasks: [Int])? {
    guard let newest = passes.last else { return nil }
    let due = running.compactMap { task in
      bestPass(of: task).map { (task: task, pass: $0) }
    }.filter {
      $0.pass < newest.number
        && (isLast || newest.number - $0.pass >= patience && newest.values[$0.task] != nil)
    }
    guard let first = due.map(\.pass).min() else { return nil }
    return (first, due.filter { $0.pass == first }.map(\.task))
  }

  mutating func stop(_ tasks: [Int], asAfterPass pass: Int) {
    for task in tasks { stops[task] = pass }
  }

  /// Starts anew after this pass, to which the run went back: what tasks made of their own parts before
  /// belongs to other shared ones.
  mutating func goBack(toPass number: Int) { passes.removeAll { $0.number != number } }
}
