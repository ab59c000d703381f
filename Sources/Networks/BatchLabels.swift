public import Interactions
internal import Matrices

/// The labels of a batch, task by task, how many are known, and what the rows weigh.
public final class BatchLabels: Sendable {
  public let capacity: Int
  /// `[taskCount, capacity]`, ``Label`` raw values.
  let values: Storage<UInt8>
  /// `[capacity]`, above 0 where a label is known; empty where all rows weigh the same.
  private let weights: FloatStorage

  /// What a row weighs.
  public struct Weighing: Sendable {
    /// That of the log's weights by which they are divided, above 0.
    public var mean: Double
    /// Times the weight of a row without a positive label.
    public var negative: Double

    public init(mean: Double, negative: Double) {
      self.mean = mean
      self.negative = negative
    }
  }

  /// Creates room for the labels of batches of up to `capacity` rows, and for their weights if asked.
  public init(taskCount: Int, capacity: Int, areWeighted: Bool = false) {
    self.capacity = capacity
    values = Storage(count: taskCount * capacity)
    weights = FloatStorage(count: areWeighted ? capacity : 0)
  }

  /// Copies the labels of the first `count` rows of a batch; the labelled rows of each task.
  public func read(_ count: Int, of batch: BatchRows, from log: EncodedLog) -> [Int] {
    let rows = unsafe batch.rows.pointer(at: 0, count: count)
    return log.labels.enumerated().map { task, column in
      let target = unsafe values.pointer(at: task * capacity, count: count)
      var known = 0
      unsafe column.withUnsafeBuffer { labels in
        for position in 0..<count {
          let label = unsafe labels[Int(rows[position])]
          unsafe target[position] = label
          known += label < Label.unknown.rawValue ? 1 : 0
        }
      }
      return known
    }
  }

  /// Weighs the first `count` rows of a batch, whose labels were read, and masks the labels of those that
  /// weigh nothing; the labelled rows of each task that are left.
  public func weigh(
    _ count: Int, of batch: BatchRows, from log: EncodedLog, _ weighing: Weighing
  ) -> [Int] {
    let target = unsafe weights.pointer(at: 0, count: count)
    unsafe target.update(repeating: Float(weighing.negative), count: count)
    for task in log.labels.indices {
      let labels = unsafe values.pointer(at: task * capacity, count: count)
      for position in 0..<count where unsafe labels[position] == Label.positive.rawValue {
        unsafe target[position] = 1
      }
    }
    if let column = log.weights {
      let rows = unsafe batch.rows.pointer(at: 0, count: count)
      unsafe column.withUnsafeBuffer { weights in
        for position in 0..<count {
          let weight = unsafe Double(weights[Int(rows[position])]) / weighing.mean
          unsafe target[position] = Float(weight * Double(target[position]))
        }
      }
    }
    return log.labels.indices.map { task in
      let labels = unsafe values.pointer(at: task * capacity, count: count)
      var known = 0
      for position in 0..<count {
        if unsafe target[position] == 0 { unsafe labels[position] = Label.unknown.rawValue }
        known += unsafe labels[position] < Label.unknown.rawValue ? 1 : 0
      }
      return known
    }
  }

  /// Calls `body` with what a stretch of the batch weighs; nothing where all rows weigh the same.
  public func withWeights<R>(positions: Range<Int>, _ body: (Span<Float>) -> R) -> R {
    let range = weights.count == 0 ? 0..<0 : positions
    let start = unsafe weights.pointer(at: range.lowerBound, count: range.count)
    return unsafe body(Span(_unsafeStart: start, count: range.count))
  }

  /// Calls `body` with one task's labels of a stretch of the batch.
  public func withLabels<R>(task: Int, positions: Range<Int>, _ body: (Span<UInt8>) -> R) -> R {
    let start = unsafe values.pointer(
      at: task * capacity + positions.lowerBound, count: positions.count)
    return unsafe body(Span(_unsafeStart: start, count: positions.count))
  }
}
