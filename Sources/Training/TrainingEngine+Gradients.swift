internal import Combiners
internal import Interactions
internal import Matrices
internal import Networks
internal import TaskLosses
internal import Workers

extension TrainingEngine {
  /// Takes every micro-batch through the network and back.
  ///
  /// The first `probed` micro-batches' losses are also told by themselves.
  func computeGradients(_ plan: StepPlan, log: EncodedLog, probed: Int = 0) -> LossSums {
    prepareLayers()
    return eachMicroBatch(of: plan, log: log) { worker, index, sums in
      addLosses(ofMicroBatch: index, worker: worker, plan, isProbed: index < probed, to: &sums)
      workspaces[worker].backward(weights: weights.dense)
    }
  }

  /// Takes micro-batches forward only; the mean loss of each task over their labelled rows.
  func losses(_ plan: StepPlan, log: EncodedLog, microBatches: Int? = nil) -> [Double?] {
    prepareLayers()
    return eachMicroBatch(of: plan, log: log, first: microBatches) { worker, index, sums in
      addLosses(ofMicroBatch: index, worker: worker, plan, isProbed: false, to: &sums)
    }.meanLosses
  }

  /// The Gramian of the present tasks' gradients with respect to the representation, instead of
  /// parameters, from a pass that goes no further down.
  func representationGramian(_ plan: StepPlan, log: EncodedLog) -> (Gramian, LossSums) {
    prepareLayers()
    let count = plan.present.count
    let products = PerWorker(workers.workerCount) {
      [Double](repeating: 0, count: count * count)
    }
    let sums = eachMicroBatch(of: plan, log: log) { worker, index, sums in
      let workspace = workspaces[worker]
      addLosses(ofMicroBatch: index, worker: worker, plan, isProbed: false, to: &sums)
      workspace.backward(weights: weights.dense, stopsAtRepresentation: true)
      products.update(worker) { products in
        for activation in network.representation {
          let tasks = workspace.blocks(of: activation)
          for (row, first) in tasks.enumerated() {
            for second in tasks[row...] {
              let product = workspace.slopes(activation, block: first)
                .innerProduct(with: workspace.slopes(activation, block: second))
              guard let i = plan.present.firstIndex(of: first),
                let j = plan.present.firstIndex(of: second)
              else { continue }
              products[i * count + j] += product
              if i != j { products[j * count + i] += product }
            }
          }
        }
      }
    }
    let values = products.values.reduce([Double](repeating: 0, count: count * count)) {
      zip($0, $1).map { $0 + $1 }
    }
    return (Gramian(taskCount: count, values: values), sums)
  }

  /// The stacked slopes of input `index` for a micro-batch.
  func inputSlopes(_ index: Int, _ positions: Range<Int>, plan: StepPlan) -> Matrix {
    let rows = plan.inputRows(index, network: network)
    return inputSlopes[index].rows(positions.lowerBound * rows..<positions.upperBound * rows)
  }

  /// Room for the stacked slopes of the elements of a list of input `index` in a micro-batch; they fill
  /// its first rows.
  func elementSlopes(_ index: Int, list: Int, _ positions: Range<Int>, plan: StepPlan) -> Matrix {
    let rows =
      plan.inputRows(index, network: network) * network.inputs[index].lists[list].longest
    return elementSlopes[index][list]
      .rows(positions.lowerBound * rows..<positions.upperBound * rows)
  }

  /// The micro-batches of so many rows, the last one maybe smaller.
  func microBatchCount(_ rows: Int) -> Int { (rows + microBatch - 1) / microBatch }

  /// The batch's rows that make up a micro-batch.
  func positions(ofMicroBatch index: Int, _ plan: StepPlan) -> Range<Int> {
    index * microBatch..<min((index + 1) * microBatch, plan.count)
  }

  private func prepareLayers() {
    workers.run { worker in
      for index in network.layers.indices where index % workers.workerCount == worker {
        network.layers[index].prepare(weights: weights.dense)
      }
    }
  }

  /// Deals micro-batches out to the workers, each forward through the network and then to `body`.
  ///
  /// `body` gets the worker, the micro-batch's number and the worker's sums, to which it adds.
  private func eachMicroBatch(
    of plan: StepPlan, log: EncodedLog, first: Int? = nil,
    _ body: (Int, Int, inout LossSums) -> Void
  ) -> LossSums {
    let all = microBatchCount(plan.count)
    let microBatches = min(first ?? all, all)
    let sums = PerWorker(workers.workerCount) { LossSums(taskCount: plan.known.count) }
    workers.run { worker in
      let workspace = workspaces[worker]
      let share = workers.share(of: microBatches, for: worker)
      // Of halves a worker may see only one, so all begin at zero.
      if share.isEmpty || plan.pass == .perHalf {
        for block in plan.gradientBlocks { workspace.gradient(block: block).clear() }
      }
      for index in share {
        let positions = positions(ofMicroBatch: index, plan)
        workspace.begin(
          rows: positions.count, firstRow: positions.lowerBound, mode: plan.mode,
          preference: plan.preference(ofMicroBatch: index), dropoutKey: plan.dropoutKey,
          accumulatesGradients: index > share.lowerBound || plan.pass == .perHalf,
          sharedWeights: plan.sharedWeights,
          gradientOffset: plan.half(ofMicroBatch: index) * network.taskCount)
        for input in network.inputs.indices {
          workspace.setInputSlopes(inputSlopes(input, positions, plan: plan), ofInput: input)
          for list in network.inputs[input].lists.indices {
            workspace.setElementSlopes(
              elementSlopes(input, list: list, positions, plan: plan), ofList: list, input: input)
          }
        }
        batch.readIDs(of: positions, from: log)
        workspace.readInputs(positions, of: batch, from: log, weights: weights)
        workspace.forward(weights: weights.dense)
        sums.update(worker) { body(worker, index, &$0) }
      }
    }
    return sums.values.reduce(LossSums(taskCount: plan.known.count), +)
  }

  /// Computes the losses of a micro-batch and the slopes of its logits.
  private func addLosses(
    ofMicroBatch index: Int, worker: Int, _ plan: StepPlan, isProbed: Bool,
    to sums: inout LossSums
  ) {
    let workspace = workspaces[worker]
    let positions = positions(ofMicroBatch: index, plan)
    for task in plan.known.indices {
      let logit = network.logits[task]
      guard plan.known[task] > 0 else {
        if !plan.isPerTask { workspace.slopes(logit, block: 0).clear() }
        continue
      }
      let logits = workspace.values(logit)
      let slopes = workspace.slopes(logit, block: plan.isPerTask ? task : 0)
      let scale = plan.slopeScale(ofTask: task, microBatch: index)
      let total = logits.withColumn { logits in
        slopes.withMutableColumn { slopes in
          labels.withLabels(task: task, positions: positions) { known in
            labels.withWeights(positions: positions) { weights in
              TaskLoss.binaryCrossEntropy.total(
                logits: logits, labels: known, weights: weights, scale: scale,
                smoothing: tasks[task].smoothing, slopes: &slopes)
            }
          }
        }
      }
      let loss = plan.rowScales[task] * total.loss
      sums.losses[task] += loss
      sums.counts[task] += total.count
      if isProbed {
        sums.probeLosses[task] += loss
        sums.probeCounts[task] += total.count
      }
      if needsResiduals && scale > 0 {
        // A slope is the residual times the row's weight and the scale.
        sums.squaredResiduals[task] +=
          plan.rowScales[task] * sumOfSquares(slopes, positions) / (Double(scale) * Double(scale))
      }
    }
    for loss in network.auxiliaryLosses { setSlopes(of: loss, microBatch: index, plan, workspace) }
  }

  /// The squares of a column of slopes at these positions, each divided by the row's weight.
  private func sumOfSquares(_ slopes: Matrix, _ positions: Range<Int>) -> Double {
    guard rowWeights != nil else { return slopes.innerProduct(with: slopes) }
    return labels.withWeights(positions: positions) { weights in
      slopes.withColumn { slopes in
        var sum = 0.0
        for row in weights.indices where weights[row] > 0 {
          sum += Double(slopes[row]) * Double(slopes[row]) / Double(weights[row])
        }
        return sum
      }
    }
  }

  /// Lets each row's term count what the row's own loss counts.
  private func setSlopes(
    of loss: AuxiliaryLoss, microBatch: Int, _ plan: StepPlan, _ workspace: Workspace
  ) {
    let isPresent = plan.known[loss.task] > 0
    if !isPresent && plan.isPerTask { return }
    let slopes = workspace.slopes(loss.term, block: plan.isPerTask ? loss.task : 0)
    guard isPresent else { return slopes.clear() }
    let scale = plan.slopeScale(ofTask: loss.task, microBatch: microBatch)
    labels.withWeights(positions: positions(ofMicroBatch: microBatch, plan)) { weights in
      workspace.withLabels(ofTask: loss.task) { labels in
        slopes.withMutableColumn { slopes in
          for row in labels.indices {
            let weight = weights.isEmpty ? scale : weights[row] * scale
            slopes[row] = labels[row] < Label.unknown.rawValue ? weight : 0
          }
        }
      }
    }
  }
}
