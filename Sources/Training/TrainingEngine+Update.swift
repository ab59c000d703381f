internal import Combiners
internal import Interactions
internal import Matrices
internal import Networks
internal import Optimizers
internal import Workers

extension TrainingEngine {
  /// What turns a block's stack of gradients into one.
  enum Combination: Sendable {
    /// There is one already.
    case sum
    /// The weighted sum, by task; parameters of a single task have weights of their own.
    case weights(shared: [Float], own: [Float])
    case elements(any ElementwiseCombiner, GradientScope)
  }

  // MARK: Combining and updating

  /// Whether rules of this scope look at a block, and element-wise ones act on it.
  func isCombined(_ block: StepPlan.Block, _ scope: GradientScope) -> Bool {
    block.sharedIndex != nil && (scope == .all || !block.isTable)
  }

  /// Lets an element-wise rule see, change and sum up the gradients before they are combined.
  func absorb(
    _ plan: StepPlan, _ rule: any ElementwiseCombiner, _ scope: GradientScope
  ) -> [Double] {
    let sums = PerWorker(workers.workerCount) {
      [Double](repeating: 0, count: plan.known.count)
    }
    workers.run { worker in
      sums.update(worker) { sums in
        for piece in pieces(of: worker, plan) {
          let block = plan.blocks[piece.parameter]
          guard isCombined(block, scope), let index = block.sharedIndex else { continue }
          dense.absorb(
            piece, tasks: block.tasks, by: rule, block: index, state: kept.elements, sums: &sums)
        }
        for place in tablePlaces(of: worker, plan) {
          let block = plan.blocks[place.block]
          guard isCombined(block, scope), let index = block.sharedIndex else { continue }
          place.table.absorb(
            by: rule, block: index, tasks: block.tasks, state: place.state(kept.elements),
            sums: &sums)
        }
      }
    }
    return sums.values.reduce([Double](repeating: 0, count: plan.known.count)) {
      zip($0, $1).map { $0 + $1 }
    }
  }

  /// Combines the stacks of gradients and updates all parameters.
  func finish(
    _ plan: StepPlan, _ combination: Combination, _ context: StepContext
  ) throws(TrainingError) {
    let updates = Updates(optimizer, context, tasks)
    let direct = directUpdate(combination, context)
    let squares = PerWorker(workers.workerCount) { 0.0 }
    workers.run { worker in
      combineStacks(plan, worker: worker, combination)
      if clipNorm == nil {
        apply(updates, direct, plan, worker: worker, scale: 1)
      } else {
        squares.update(worker) { $0 = squaredNorm(plan, direct, worker: worker) }
      }
    }
    guard let clipNorm else { return }
    let norm = squares.values.reduce(0, +).squareRoot()
    guard norm.isFinite else { throw nonFiniteGradient(context) }
    let scale = norm > clipNorm ? Float(clipNorm / norm) : 1
    workers.run { apply(updates, direct, plan, worker: $0, scale: scale) }
  }

  func forgetTables() {
    for table in tables.joined().joined() { table.forget() }
  }

  /// The step's updates of parameters and tables.
  private struct Updates: Sendable {
    private let shared: (dense: ParameterUpdate, tables: ParameterUpdate)
    /// Of what one task alone reaches, by task; empty where no task has a rate of its own.
    private let own: [(dense: ParameterUpdate, tables: ParameterUpdate)]

    init(_ optimizer: Optimizer, _ context: StepContext, _ tasks: [TaskTraining]) {
      func updates(_ factor: Double) -> (ParameterUpdate, ParameterUpdate) {
        let rate = context.learningRate * factor
        return (
          optimizer.update(step: context.totalNumber, learningRate: rate),
          optimizer.embeddingUpdate(step: context.totalNumber, learningRate: rate)
        )
      }
      shared = updates(1)
      own = tasks.contains { $0.learningRate != 1 } ? tasks.map { updates($0.learningRate) } : []
    }

    func dense(ofTasks tasks: [Int]) -> ParameterUpdate { of(tasks).dense }

    func tables(ofTasks tasks: [Int]) -> ParameterUpdate { of(tasks).tables }

    private func of(_ tasks: [Int]) -> (dense: ParameterUpdate, tables: ParameterUpdate) {
      tasks.count == 1 && !own.isEmpty ? own[tasks[0]] : shared
    }
  }

  /// How blocks are updated whose combined stack is the way to go itself, and which those are.
  private struct DirectUpdate: Sendable {
    let dense: ParameterUpdate
    let tables: ParameterUpdate
    let scope: GradientScope
  }

  private func directUpdate(
    _ combination: Combination, _ context: StepContext
  ) -> DirectUpdate? {
    guard case .elements(let rule, let scope) = combination, rule.replacesOptimizer else {
      return nil
    }
    // A step of the optimizer without moments, as the rule keeps its own.
    let plain = Optimizer(
      kind: .sgd, learningRate: optimizer.learningRate, weightDecay: optimizer.weightDecay,
      embeddings: optimizer.embeddings)
    let rate = context.learningRate
    return DirectUpdate(
      dense: plain.update(step: context.totalNumber, learningRate: rate),
      tables: plain.embeddingUpdate(step: context.totalNumber, learningRate: rate), scope: scope)
  }

  /// Turns the stacks of a worker's blocks into one row each, where they have more.
  private func combineStacks(_ plan: StepPlan, worker: Int, _ combination: Combination) {
    switch combination {
    case .sum: break
    case .weights(let shared, let own):
      func rowWeights(_ block: StepPlan.Block) -> [Float]? {
        let weights = block.sharedIndex == nil ? own : shared
        let ofRows = block.rowTasks.map { weights[$0] }
        return ofRows.isEmpty || ofRows == [1] ? nil : ofRows
      }
      for piece in pieces(of: worker, plan) {
        if let weights = rowWeights(plan.blocks[piece.parameter]) {
          dense.combine(piece, weights: weights)
        }
      }
      for place in tablePlaces(of: worker, plan) {
        if let weights = rowWeights(plan.blocks[place.block]) {
          place.table.combine(weights: weights)
        }
      }
    case .elements(let rule, let scope):
      for piece in pieces(of: worker, plan) {
        let block = plan.blocks[piece.parameter]
        guard let index = block.sharedIndex else { continue }
        if let weights = rule.weights(ofBlock: index) {
          dense.combine(piece, weights: weights)
        } else {
          dense.combine(piece, tasks: block.tasks, by: rule, block: index, state: kept.elements)
        }
      }
      for place in tablePlaces(of: worker, plan) {
        let block = plan.blocks[place.block]
        guard let index = block.sharedIndex else { continue }
        if !isCombined(block, scope) {
          place.table.combine(weights: Array(repeating: 1, count: block.rows))
        } else if let weights = rule.weights(ofBlock: index) {
          place.table.combine(weights: weights)
        } else {
          place.table.combine(
            by: rule, block: index, tasks: block.tasks, state: place.state(kept.elements))
        }
      }
    }
  }

  private func squaredNorm(
    _ plan: StepPlan, _ direct: DirectUpdate?, worker: Int
  ) -> Double {
    var square = [0.0]
    func counts(_ index: Int) -> Bool {
      !plan.blocks[index].isStopped && !isDirect(plan.blocks[index], direct)
    }
    for piece in pieces(of: worker, plan) where counts(piece.parameter) {
      dense.addProducts(piece, rows: 1, to: &square)
    }
    for place in tablePlaces(of: worker, plan) where counts(place.block) {
      place.table.addProducts(rows: 1, to: &square)
    }
    return square[0]
  }

  private func isDirect(_ block: StepPlan.Block, _ direct: DirectUpdate?) -> Bool {
    direct.map { isCombined(block, $0.scope) } ?? false
  }

  private func apply(
    _ updates: Updates, _ direct: DirectUpdate?, _ plan: StepPlan, worker: Int, scale: Float
  ) {
    for piece in pieces(of: worker, plan) where !plan.blocks[piece.parameter].isStopped {
      if let direct, isDirect(plan.blocks[piece.parameter], direct) {
        dense.apply(direct.dense, to: piece, of: weights, scale: 1)
      } else {
        let update = updates.dense(ofTasks: network.parameters[piece.parameter].tasks)
        dense.apply(update, to: piece, of: weights, scale: scale)
      }
    }
    for place in tablePlaces(of: worker, plan) {
      guard !plan.blocks[place.block].isStopped else {
        place.table.forget()
        continue
      }
      if let average = kept.average {
        unsafe place.table.withRows {
          unsafe average.catchUp($0, ofTable: place.index, input: place.input, step: plan.step)
        }
      }
      if let direct, isDirect(plan.blocks[place.block], direct) {
        place.table.apply(direct.tables, scale: 1, decay: rowDecay?.tables[place.index])
      } else {
        place.table.apply(
          updates.tables(ofTasks: network.tasks(ofInput: place.input)), scale: scale,
          decay: rowDecay?.tables[place.index])
      }
    }
    if let average = kept.average {
      // All parameters, as the step may have left some alone.
      for piece in dense.pieces[workers.share(of: dense.pieces.count, for: worker)] {
        average.addDense(piece.range, step: plan.step)
      }
    }
  }

  // MARK: The average of the weights

  /// Puts the average in the place of the weights, which it keeps until ``endAverage()``; without an
  /// average nothing changes.
  ///
  /// `step` is the number of the run's last step.
  public func beginAverage(afterStep step: Int) { exchangeAverage(afterStep: step) }

  /// Puts the weights back after ``beginAverage(afterStep:)``, or after such a state was read.
  public func endAverage() { exchangeAverage(afterStep: nil) }

  private func exchangeAverage(afterStep step: Int?) {
    guard let average = kept.average else { return }
    workers.run { average.exchange(after: step, worker: $0, of: workers.workerCount) }
  }
}
