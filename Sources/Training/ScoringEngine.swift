internal import Glibc
public import Interactions
internal import Matrices
public import Networks
public import RankingMetrics
public import Workers

/// Scores rows with a trained network: forward passes only, on all workers.
public final class ScoringEngine {
  /// The trained numbers, read but never written here.
  public let weights: Weights
  private let calibrations: [ScoreCalibration?]
  private let workers: WorkerGroup
  private let workspaces: [Workspace]
  private let batches: [BatchRows]
  private let microBatch: Int

  /// Creates an engine for logs of this schema; each worker takes `microBatch` rows at a time.
  ///
  /// `calibrations` are the tasks'; empty where the network's probabilities stand as they are.
  public init(
    weights: Weights, schema: InputSchema, calibrations: [ScoreCalibration?] = [],
    microBatch: Int = 128,
    workers: WorkerGroup = WorkerGroup()
  ) {
    self.weights = weights
    self.calibrations = calibrations
    self.workers = workers
    self.microBatch = microBatch
    workspaces = (0..<workers.workerCount).map { _ in
      Workspace(network: weights.network, capacity: microBatch, gradientBlocks: 0)
    }
    batches = (0..<workers.workerCount).map { _ in
      BatchRows(schema: schema, capacity: microBatch)
    }
  }

  /// The probability of each task's event for each row of `rows`, `[taskCount, rows.count]`.
  ///
  /// A conditioned network scores as `preference` asks, or by equal shares of the tasks where that is
  /// nil; to others it makes no difference. The workers' number changes no bit.
  public func scores(
    of log: EncodedLog, rows: RowSelection, preference: Preference? = nil
  ) -> [[Float]] {
    let network = weights.network
    let results = network.logits.map { _ in FloatStorage(count: rows.count) }
    forEachMicroBatch(of: log, rows: rows, preference) { workspace, positions in
      for (logit, result) in zip(network.logits, results) {
        workspace.values(logit).writeSigmoid(to: result, at: positions.lowerBound)
      }
    }
    return results.enumerated().map { task, result in
      guard calibrations.indices.contains(task), let calibration = calibrations[task] else {
        return (0..<rows.count).map { result[$0] }
      }
      return (0..<rows.count).map { calibration.probability(of: result[$0]) }
    }
  }

  /// How much each expert serves each task: the mean shares of the network's gates over `rows`.
  ///
  /// Empty for networks without gates, and without rows. The workers' number changes no bit.
  public func gateUse(
    of log: EncodedLog, rows: RowSelection, preference: Preference? = nil
  ) -> [GateUse] {
    let mixtures = weights.network.mixtures
    guard !mixtures.isEmpty, rows.count > 0 else { return [] }
    // For each micro-batch, the sums of each gate's shares and of its entropy.
    let widths = mixtures.map { $0.shares.width + 1 }
    let total = widths.reduce(0, +)
    let batchCount = (rows.count + microBatch - 1) / microBatch
    let sums = Storage<Double>(count: batchCount * total)
    forEachMicroBatch(of: log, rows: rows, preference) { workspace, positions in
      var place = positions.lowerBound / microBatch * total
      for (shares, _) in mixtures {
        let values = workspace.values(shares)
        for row in 0..<positions.count {
          for expert in 0..<shares.width {
            let share = Double(values[row, expert])
            sums[place + expert] += share
            if share > 0 { sums[place + shares.width] -= share * Glibc.log(share) }
          }
        }
        place += shares.width + 1
      }
    }
    var place = 0
    return zip(mixtures, widths).map { mixture, width -> GateUse in
      defer { place += width }
      let means = (place..<place + width).map { column in
        (0..<batchCount).reduce(0) { $0 + sums[$1 * total + column] } / Double(rows.count)
      }
      return GateUse(
        tasks: mixture.tasks.map { weights.network.taskNames[$0] },
        shares: Array(means.dropLast()), entropy: means[width - 1])
    }
  }

  /// Runs the network over all rows; `body` gets the workspace, and which of `rows` it holds.
  private func forEachMicroBatch(
    of log: EncodedLog, rows: RowSelection, _ preference: Preference?,
    _ body: (Workspace, Range<Int>) -> Void
  ) {
    // Training may have changed the weights since the last call.
    weights.dense.prepare()
    let microBatches = (rows.count + microBatch - 1) / microBatch
    workers.run { worker in
      let workspace = workspaces[worker]
      let batch = batches[worker]
      for index in workers.share(of: microBatches, for: worker) {
        let first = index * microBatch
        let positions = 0..<min(microBatch, rows.count - first)
        for position in positions {
          let row = rows[first + position]
          precondition(row >= 0 && row < log.rowCount, "row \(row) of \(log.rowCount)")
          batch.rows[position] = UInt32(row)
        }
        workspace.begin(
          rows: positions.count, firstRow: first, mode: .summed, preference: preference)
        batch.readIDs(of: positions, from: log)
        workspace.readInputs(positions, of: batch, from: log, weights: weights)
        workspace.forward(weights: weights.dense)
        body(workspace, first..<first + positions.count)
      }
    }
  }
}
