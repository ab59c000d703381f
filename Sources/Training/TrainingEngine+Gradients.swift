internal import Interactions
internal import Matrices
internal import Networks
internal import TaskLosses
internal import Workers

extension TrainingEngine {
  /// Takes every micro-batch through the network and back; each task's mean loss, nil where absent.
  func computeGradients(_ plan: StepPlan, log: EncodedLog) -> [Double?] {
    let microBatches = (plan.count + microBatch - 1) / microBatch
    let sums = PerWorker(workers.workerCount) { [Double](repeating: 0, count: plan.known.count) }
    workers.run { worker in
      for index in network.layers.indices where index % workers.workerCount == worker {
        network.layers[index].prepare(weights: weights.dense)
      }
    }
    workers.run { worker in
      let workspace = workspaces[worker]
      let share = workers.share(of: microBatches, for: worker)
      if share.isEmpty {
        for block in plan.gradientBlocks { workspace.gradient(block: block).clear() }
      }
      for index in share {
        let positions = index * microBatch..<min((index + 1) * microBatch, plan.count)
        begin(positions, in: workspace, plan: plan, isFirst: index == share.lowerBound)
        batch.readIDs(of: positions, from: log)
        workspace.readInputs(positions, of: batch, from: log, weights: weights)
        workspace.forward(weights: weights.dense)
        sums.update(worker) { addLosses(of: positions, in: workspace, plan: plan, to: &$0) }
        workspace.backward(weights: weights.dense)
      }
    }
    let workerSums = sums.values
    return plan.known.enumerated().map { task, known in
      known > 0 ? workerSums.reduce(0) { $0 + $1[task] } / Double(known) : nil
    }
  }

  /// The stacked slopes of input `index` for a micro-batch.
  func inputSlopes(_ index: Int, _ positions: Range<Int>, plan: StepPlan) -> Matrix {
    let rows = plan.inputRows(index, network: network)
    return inputSlopes[index].rows(positions.lowerBound * rows..<positions.upperBound * rows)
  }

  private func begin(
    _ positions: Range<Int>, in workspace: Workspace, plan: StepPlan, isFirst: Bool
  ) {
    workspace.begin(
      rows: positions.count, firstRow: positions.lowerBound, mode: plan.mode,
      dropoutKey: plan.dropoutKey, accumulatesGradients: !isFirst)
    for index in network.inputs.indices {
      workspace.setInputSlopes(inputSlopes(index, positions, plan: plan), ofInput: index)
    }
  }

  /// Computes the losses of a micro-batch and the slopes of its logits.
  private func addLosses(
    of positions: Range<Int>, in workspace: Workspace, plan: StepPlan, to sums: inout [Double]
  ) {
    for task in plan.known.indices {
      let logit = network.logits[task]
      guard plan.known[task] > 0 else {
        if !plan.isPerTask { workspace.slopes(logit, block: 0).clear() }
        continue
      }
      let logits = workspace.values(logit)
      let slopes = workspace.slopes(logit, block: plan.isPerTask ? task : 0)
      sums[task] += logits.withColumn { logits in
        slopes.withMutableColumn { slopes in
          labels.withLabels(task: task, positions: positions) { labels in
            TaskLoss.binaryCrossEntropy.total(
              logits: logits, labels: labels, scale: plan.slopeScales[task], slopes: &slopes
            ).loss
          }
        }
      }
    }
  }
}
