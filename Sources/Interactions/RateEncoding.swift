import Glibc

/// How a rate feature is encoded: for each task how far an id's rate lies from that of all rows, and
/// how many rows say so.
///
/// With `n` rows of the id, `p` of them positive, and the rate `b` of all rows, the numbers of a task
/// are `logit((p + prior · b) / (n + prior)) − logit(b)` and `log(1 + n)`, standardised by the
/// training rows. All three are of what was known before the row's UTC day began: a label counts once
/// the task's window after the end of its own row's day has passed, for rows after the training rows,
/// too.
///
/// The smoothing is that of Micci-Barreca: *A Preprocessing Scheme for High-Cardinality Categorical
/// Attributes in Classification and Prediction Problems*, SIGKDD Explorations 3 (1), 2001, equation 4,
/// with weight `n / (n + prior)`; days in order of time take the place of its hold-out rows. The rate
/// of all rows is `(P + 1) / (N + 2)`, so that it is defined from the first row on.
package struct RateEncoding: Sendable {
  /// The day of rows that may know all that was counted.
  package static let afterAll = Int32.max

  private let table: RateTable
  private let prior: Double
  /// Days between a row's own and those whose labels it knows, by task.
  private let lags: [Int32]
  private let numbers: [NumberEncoding]

  /// Describes a feature; without `numbers` its values stay as they are.
  package init(_ rate: FeatureDefinition.IDRate, _ table: RateTable, numbers: [NumberEncoding]?) {
    precondition(table.taskCount == rate.tasks.count, "a table of other tasks")
    self.table = table
    prior = rate.prior
    lags = rate.tasks.map(\.lag)
    self.numbers =
      numbers ?? [NumberEncoding](repeating: NumberEncoding(), count: rate.inputCount)
  }

  /// The network's input number `index` for a row of a day, 0 where the id of `code` is missing or
  /// has no rows.
  @inline(__always)
  package func float(_ index: Int, code: Int32, day: Int32) -> Float {
    numbers[index].float(value(index, code: code, day: day), standardise: true)
  }

  /// The same before it is standardised.
  package func value(_ index: Int, code: Int32, day: Int32) -> Double {
    let task = index / 2
    let last = through(day, task)
    let own = code < 0 ? (0, 0) : table.known(Int(code), task: task, through: last)
    if index % 2 == 1 { return log1p(own.0) }
    let all = table.known(task: task, through: last)
    let base = (all.positives + 1) / (all.rows + 2)
    let rate = (own.1 + prior * base) / (own.0 + prior)
    return log(rate / (1 - rate)) - log(base / (1 - base))
  }

  /// The last day whose labels a row of a day knows.
  private func through(_ day: Int32, _ task: Int) -> Int32 {
    Int32(clamping: Int64(day) - 1 - Int64(lags[task]))
  }
}

extension FeatureDefinition.IDRate {
  /// Numbers that the network is given: two a task.
  package var inputCount: Int { 2 * tasks.count }

  /// Their names, in order.
  package func inputNames(_ feature: String) -> [String] {
    tasks.flatMap { ["\(feature) \($0.name)", "\(feature) \($0.name) rows"] }
  }

  /// The task of each input.
  package var inputTasks: [String?] { tasks.flatMap { [$0.name, $0.name] } }

  /// The longest of the tasks' lags, in days.
  package var longestLag: Int32 { tasks.map(\.lag).max() ?? 0 }
}

extension FeatureDefinition.IDRate.Task {
  /// Whole days that the task's window takes, the last one begun counted.
  package var lag: Int32 {
    let day = Timestamp.microsecondsPerDay
    return Int32(clamping: ((window ?? 0) + day - 1) / day)
  }
}
