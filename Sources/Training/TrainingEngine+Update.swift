internal import Combiners
internal import Interactions
internal import Matrices
internal import Networks
internal import Optimizers
internal import Workers

extension TrainingEngine {
  /// What turns a block's stack of gradients into one.
  private enum Combination: Sendable {
    /// There is one already.
    case sum
    /// The weighted sum, by task.
    case weights([Float])
    case elements(any ElementwiseCombiner)
  }

  /// Adds up the workers' gradients, combines the tasks' ones, and updates all parameters.
  func update(
    _ plan: StepPlan, losses: [Double?], log: EncodedLog, by update: ParameterUpdate,
    learningRate: Double
  ) throws(TrainingError) -> StepReport {
    var report = StepReport(
      losses: losses, weights: losses.map { _ in nil }, tasks: plan.present, gramian: nil)
    let squares = PerWorker(workers.workerCount) { 0.0 }
    if plan.isPerTask {
      let gramians = gatherWithProducts(plan, log: log)
      let combination: Combination
      do throws(TrainingError) {
        combination = try combine(gramians, plan: plan, report: &report, learningRate)
      } catch {
        forgetTables()
        throw error
      }
      workers.run { worker in
        finish(plan, worker: worker, combination, by: update, squares: squares)
      }
    } else {
      workers.run { worker in
        gather(plan, log: log, worker: worker)
        finish(plan, worker: worker, .sum, by: update, squares: squares)
      }
    }
    if let clipNorm {
      let norm = squares.values.reduce(0, +).squareRoot()
      guard norm.isFinite else {
        forgetTables()
        throw .nonFiniteGradient(step: plan.step, cause: likelyCause(learningRate))
      }
      let scale = norm > clipNorm ? Float(clipNorm / norm) : 1
      workers.run { apply(update, plan, worker: $0, scale: scale) }
    }
    if case .losses(var weighting) = combining {
      for task in plan.present { report.weights[task] = plan.lossWeights[task] }
      do throws(CombinerError) {
        try weighting.observe(WeighedStep(losses: losses))
      } catch {
        throw .combiner(error)
      }
      combining = .losses(weighting)
    }
    return report
  }

  /// Combines a worker's part of the gradients; updates with it, or measures it to be clipped.
  private func finish(
    _ plan: StepPlan, worker: Int, _ combination: Combination, by update: ParameterUpdate,
    squares: PerWorker<Double>
  ) {
    combineStacks(plan, worker: worker, combination)
    if clipNorm == nil {
      apply(update, plan, worker: worker, scale: 1)
    } else {
      squares.update(worker) { $0 = squaredNorm(plan, worker: worker) }
    }
  }

  private func forgetTables() {
    for table in tables.joined().joined() { table.forget() }
  }

  // MARK: Adding up

  private func gather(_ plan: StepPlan, log: EncodedLog, worker: Int) {
    for piece in pieces(of: worker, plan) {
      dense.reduce(
        piece, blocks: plan.blocks[piece.parameter].gradientBlocks, from: workspaces)
    }
    for (inputIndex, input) in network.inputs.enumerated() {
      let rows = plan.inputRows(inputIndex, network: network)
      for table in tables[worker][inputIndex] { table.begin(stackRows: rows) }
      // Rows that no present task reaches get no update, which would forget their slots.
      guard rows > 0, network.tasks(ofInput: inputIndex).contains(where: plan.present.contains)
      else { continue }
      for (index, lookup) in input.schema.lookups.enumerated() {
        let table = tables[worker][inputIndex][lookup.table]
        let first = input.firstColumns[index]
        let width = input.schema.tables[lookup.table].dimension
        for start in stride(from: 0, to: plan.count, by: microBatch) {
          let positions = start..<min(start + microBatch, plan.count)
          let slopes = inputSlopes(inputIndex, positions, plan: plan)
            .columns(first..<first + width)
          switch log.lookups[index] {
          case .single: table.add(slopes, ids: batch.ids[index], positions: positions)
          case .list(let elements, let ends):
            table.add(
              slopes, elements: elements, ends: ends, batch: batch, positions: positions,
              pooling: lookup.pooling ?? .mean)
          }
        }
      }
    }
  }

  /// The same, and the Gramian of every block.
  private func gatherWithProducts(_ plan: StepPlan, log: EncodedLog) -> [Gramian] {
    let products = PerWorker(workers.workerCount) {
      plan.blocks.map { [Double](repeating: 0, count: $0.rows * $0.rows) }
    }
    workers.run { worker in
      gather(plan, log: log, worker: worker)
      products.update(worker) { products in
        for piece in pieces(of: worker, plan) {
          dense.addProducts(
            piece, rows: plan.blocks[piece.parameter].rows, to: &products[piece.parameter])
        }
        for (table, block) in tableBlocks(of: worker, plan) {
          table.addProducts(rows: plan.blocks[block].rows, to: &products[block])
        }
      }
    }
    let parts = products.values
    return plan.blocks.indices.map { block in
      Gramian(
        taskCount: plan.blocks[block].rows,
        values: parts.dropFirst().reduce(parts[0][block]) { sum, part in
          zip(sum, part[block]).map { $0 + $1 }
        })
    }
  }

  /// A worker's stretches of the parameters that a present task reaches.
  private func pieces(of worker: Int, _ plan: StepPlan) -> [DenseGradient.Piece] {
    dense.pieces[workers.share(of: dense.pieces.count, for: worker)]
      .filter { plan.blocks[$0.parameter].rows > 0 }
  }

  /// A worker's shards of the tables that a present task reaches, with their blocks' numbers.
  private func tableBlocks(of worker: Int, _ plan: StepPlan) -> [(TableGradient, Int)] {
    tables[worker].enumerated().flatMap { input, tables in
      tables.enumerated().map { ($1, plan.firstTableBlocks[input] + $0) }
    }.filter { plan.blocks[$0.1].rows > 0 }
  }

  // MARK: Combining

  private func combine(
    _ gramians: [Gramian], plan: StepPlan, report: inout StepReport, _ learningRate: Double
  ) throws(TrainingError) -> Combination {
    let whole = sharedGramian(gramians, plan: plan)
    report.gramian = whole
    guard whole.values.allSatisfy(\.isFinite) else {
      throw .nonFiniteGradient(step: plan.step, cause: likelyCause(learningRate))
    }
    do throws(CombinerError) {
      switch combining {
      case .losses: return .sum
      case .gradients(var combiner, let use):
        let weights = try combiner.weights(
          for: GradientStep(
            gramian: whole, tasks: plan.present,
            losses: plan.present.map { report.losses[$0] ?? 0 }))
        combining = .gradients(combiner, use)
        var byTask = [Float](repeating: 0, count: network.taskCount)
        for (task, weight) in zip(plan.present, weights) {
          byTask[task] = Float(weight)
          report.weights[task] = weight
        }
        return .weights(byTask)
      case .elements(var combiner, let scope):
        try combiner.begin(ElementwiseStep(number: plan.step, losses: report.losses))
        try combiner.prepare(
          for: plan.blocks.indices.filter { plan.blocks[$0].sharedIndex != nil }.map {
            BlockGramian(gramian: gramians[$0], tasks: plan.blocks[$0].tasks)
          }, sums: [])
        combining = .elements(combiner, scope: scope)
        return .elements(combiner)
      }
    } catch {
      throw .combiner(error)
    }
  }

  /// The Gramian of the present tasks over all shared parameters.
  private func sharedGramian(_ gramians: [Gramian], plan: StepPlan) -> Gramian {
    let count = plan.present.count
    var values = [Double](repeating: 0, count: count * count)
    for (block, gramian) in zip(plan.blocks, gramians) where block.sharedIndex != nil {
      let positions = block.tasks.compactMap { plan.present.firstIndex(of: $0) }
      for (row, rowPosition) in positions.enumerated() {
        for (column, columnPosition) in positions.enumerated() {
          values[rowPosition * count + columnPosition] += gramian[row, column]
        }
      }
    }
    return Gramian(taskCount: count, values: values)
  }

  /// Turns the stacks of a worker's shared blocks into one row each; the others have one.
  private func combineStacks(_ plan: StepPlan, worker: Int, _ combination: Combination) {
    switch combination {
    case .sum: break
    case .weights(let weights):
      func blockWeights(_ block: Int) -> [Float]? {
        plan.blocks[block].sharedIndex == nil ? nil : plan.blocks[block].tasks.map { weights[$0] }
      }
      for piece in pieces(of: worker, plan) {
        if let weights = blockWeights(piece.parameter) { dense.combine(piece, weights: weights) }
      }
      for (table, block) in tableBlocks(of: worker, plan) {
        if let weights = blockWeights(block) { table.combine(weights: weights) }
      }
    case .elements(let combiner):
      for piece in pieces(of: worker, plan) {
        let block = plan.blocks[piece.parameter]
        guard let index = block.sharedIndex else { continue }
        dense.combine(piece, tasks: block.tasks, by: combiner, block: index)
      }
      for (table, block) in tableBlocks(of: worker, plan) {
        guard let index = plan.blocks[block].sharedIndex else { continue }
        table.combine(by: combiner, block: index, tasks: plan.blocks[block].tasks)
      }
    }
  }

  // MARK: Clipping and updating

  private func squaredNorm(_ plan: StepPlan, worker: Int) -> Double {
    var square = [0.0]
    for piece in pieces(of: worker, plan) { dense.addProducts(piece, rows: 1, to: &square) }
    for (table, _) in tableBlocks(of: worker, plan) { table.addProducts(rows: 1, to: &square) }
    return square[0]
  }

  private func apply(_ update: ParameterUpdate, _ plan: StepPlan, worker: Int, scale: Float) {
    for piece in pieces(of: worker, plan) {
      dense.apply(update, to: piece, of: weights, scale: scale)
    }
    for (table, _) in tableBlocks(of: worker, plan) { table.apply(update, scale: scale) }
  }
}
