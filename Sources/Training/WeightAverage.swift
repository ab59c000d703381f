internal import CKernels
import Glibc
public import Matrices
internal import Networks

/// A moving average of the weights over the steps of a run, which evaluates better than the last step's
/// weights do.
///
/// It is the mean of all steps so far up to a horizon, and from there an exponential moving average of
/// that horizon: after step `t` it moves by `1 / min(t, horizon)` of the way to the weights. An embedding
/// row catches up when it is next touched, so that a step reads and writes the averages of its own rows
/// alone.
///
/// Polyak, Juditsky: *Acceleration of Stochastic Approximation by Averaging*, SIAM J. Control and
/// Optimization 30(4), 1992; the exponential form as in Morales-Brotons, Vogels, Hendrikx:
/// *Exponential Moving Average of Weights in Deep Learning*, TMLR 2024.
public final class WeightAverage: Sendable {
  /// Steps, at least 1.
  let horizon: Int
  private let weights: Weights
  let dense: FloatStorage
  /// `[input][table]`; row `r` has the average of that row, `dimension` floats, and the number of the
  /// step that it reaches up to plus 1, which is exact below 2²⁴ and 0 for rows never touched.
  let tables: [[FloatStorage]]

  /// The average of a run that begins with these weights.
  init(of weights: Weights, horizon: Int) {
    precondition(horizon >= 1, "an average of \(horizon) steps")
    self.weights = weights
    self.horizon = horizon
    dense = FloatStorage(count: weights.network.parameterCount)
    tables = weights.tables.map {
      $0.map { FloatStorage(count: $0.rowCount * ($0.dimension + 1)) }
    }
  }

  /// What is left of the average from before step `first` once steps `first..<end` are in it.
  func kept(from first: Int, to end: Int) -> Float {
    let (before, after) = (max(first - 1, 0), end - 1)
    guard after > before else { return 1 }
    let meanPart = Double(min(before, horizon)) / Double(min(after, horizon))
    let movingSteps = max(after - max(before, horizon), 0)
    return Float(meanPart * pow(1 - 1 / Double(horizon), Double(movingSteps)))
  }

  /// Takes dense parameters after step number `step` in.
  func addDense(_ range: Range<Int>, step: Int) {
    unsafe kernel_move(
      dense.pointer(at: range.lowerBound, count: range.count),
      weights.dense.storage.pointer(at: range.lowerBound, count: range.count),
      1 - kept(from: step, to: step + 1), range.count)
  }

  /// Lets embedding rows that step number `step` is about to change catch up.
  func catchUp(_ rows: UnsafeBufferPointer<Int32>, ofTable table: Int, input: Int, step: Int) {
    for index in rows.indices {
      catchUp(Int(unsafe rows[index]), ofTable: table, input: input, before: step)
    }
  }

  /// Puts the average in the weights' place and the weights in the average's, or the other way around.
  ///
  /// With `step` set, the average first catches up with that step, the run's last so far. Worker
  /// `worker` of `workerCount` does its part.
  func exchange(after step: Int?, worker: Int, of workerCount: Int) {
    func share(_ count: Int) -> Range<Int> {
      count * worker / workerCount..<count * (worker + 1) / workerCount
    }
    let range = share(dense.count)
    unsafe kernel_swap(
      dense.pointer(at: range.lowerBound, count: range.count),
      weights.dense.storage.pointer(at: range.lowerBound, count: range.count), range.count)
    for (input, inputTables) in weights.tables.enumerated() {
      for (index, table) in inputTables.enumerated() {
        let averages = tables[input][index]
        for row in share(table.rowCount) {
          let first = row * (table.dimension + 1)
          guard averages[first + table.dimension] > 0 else { continue }
          if let step { catchUp(row, ofTable: index, input: input, before: step + 1) }
          unsafe kernel_swap(
            averages.pointer(at: first, count: table.dimension),
            table.storage.pointer(at: row * table.record, count: table.dimension),
            table.dimension)
        }
      }
    }
  }

  /// Makes the average of these parameters and tables what the weights are, or the other way around
  /// where they have changed places: so neither moves the other any more.
  func settle(dense ranges: [Range<Int>], tables places: [(input: Int, table: Int)]) {
    for range in ranges {
      dense.copy(range, of: weights.dense.storage, to: range.lowerBound)
    }
    for place in places {
      let table = weights.tables[place.input][place.table]
      let averages = tables[place.input][place.table]
      for row in 0..<table.rowCount {
        let first = row * (table.dimension + 1)
        guard averages[first + table.dimension] > 0 else { continue }
        let embedding = row * table.record..<row * table.record + table.dimension
        averages.copy(embedding, of: table.storage, to: first)
      }
    }
  }

  private func catchUp(_ row: Int, ofTable table: Int, input: Int, before step: Int) {
    let embeddings = weights.tables[input][table]
    let dimension = embeddings.dimension
    let average = unsafe tables[input][table].pointer(
      at: row * (dimension + 1), count: dimension + 1)
    let share = 1 - kept(from: Int(unsafe average[dimension]), to: step)
    // A row that was never touched was what it is from the first step on.
    unsafe kernel_move(
      average, embeddings.storage.pointer(at: row * embeddings.record, count: dimension),
      average[dimension] > 0 ? share : 1, dimension)
    unsafe average[dimension] = Float(step)
  }

  /// All numbers under names, for checkpoints and copies.
  public var storages: [(name: String, storage: FloatStorage)] {
    [("average/dense", dense)]
      + zip(weights.tables.joined(), tables.joined()).map { ("average/table/\($0.name)", $1) }
  }
}
