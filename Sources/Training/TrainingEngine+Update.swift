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

  // MARK: Adding up

  /// Adds up the workers' gradients.
  func gather(_ plan: StepPlan, log: EncodedLog) {
    workers.run { gather(plan, log: log, worker: $0) }
  }

  private func gather(_ plan: StepPlan, log: EncodedLog, worker: Int) {
    for piece in pieces(of: worker, plan) {
      dense.reduce(
        piece, blocks: plan.blocks[piece.parameter].gradientBlocks, from: workspaces)
    }
    for (inputIndex, input) in network.inputs.enumerated() {
      let rows = plan.inputRows(inputIndex, network: network)
      let stackRows = plan.blocks[plan.firstTableBlocks[inputIndex]].rows
      for table in tables[worker][inputIndex] { table.begin(stackRows: stackRows) }
      // Rows that no present task reaches get no update, which would forget their slots.
      guard rows > 0, network.tasks(ofInput: inputIndex).contains(where: plan.present.contains)
      else { continue }
      for (index, lookup) in input.schema.lookups.enumerated() {
        let table = tables[worker][inputIndex][lookup.table]
        let first = input.firstColumns[index]
        let width = input.schema.tables[lookup.table].dimension
        for microBatch in 0..<(plan.count + microBatch - 1) / microBatch {
          let positions = positions(ofMicroBatch: microBatch, plan)
          let slopes = inputSlopes(inputIndex, positions, plan: plan)
            .columns(first..<first + width)
          let stack = TableGradient.StackRows(
            first: plan.half(ofMicroBatch: microBatch) * rows, count: rows)
          switch log.lookups[index] {
          case .single:
            table.add(slopes, to: stack, ids: batch.ids[index], positions: positions)
          case .list(let elements, let ends):
            table.add(
              slopes, to: stack, elements: elements, ends: ends, batch: batch,
              positions: positions, pooling: lookup.pooling ?? .mean)
          }
        }
      }
    }
  }

  /// The Gramian of the rows of every block's stack; of sums, their square.
  ///
  /// Of blocks other than `wanted`, all zero; nil wants all.
  func products(_ plan: StepPlan, of wanted: Set<Int>? = nil) -> [Gramian] {
    let products = PerWorker(workers.workerCount) {
      plan.blocks.map { [Double](repeating: 0, count: $0.rows * $0.rows) }
    }
    workers.run { worker in
      products.update(worker) { products in
        for piece in pieces(of: worker, plan) where wanted?.contains(piece.parameter) ?? true {
          dense.addProducts(
            piece, rows: plan.blocks[piece.parameter].rows, to: &products[piece.parameter])
        }
        for place in tablePlaces(of: worker, plan) where wanted?.contains(place.block) ?? true {
          place.table.addProducts(rows: plan.blocks[place.block].rows, to: &products[place.block])
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

  /// The Gramian of the present tasks over the shared parameters, those of tables too unless told.
  func sharedGramian(
    _ gramians: [Gramian], _ plan: StepPlan, _ context: StepContext, tables: Bool = true
  ) throws(TrainingError) -> Gramian {
    let count = plan.present.count
    var values = [Double](repeating: 0, count: count * count)
    for (block, gramian) in zip(plan.blocks, gramians)
    where block.sharedIndex != nil && (tables || !block.isTable) {
      let positions = block.rowTasks.compactMap { plan.present.firstIndex(of: $0) }
      for (row, rowPosition) in positions.enumerated() {
        for (column, columnPosition) in positions.enumerated() {
          values[rowPosition * count + columnPosition] += gramian[row, column]
        }
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw nonFiniteGradient(context) }
    return Gramian(taskCount: count, values: values)
  }

  /// The products of the mean gradients over the first half of the rows with those over the second.
  ///
  /// Where a task has no label in one of the halves, the whole's product stands for it.
  func crossProducts(_ gramians: [Gramian], _ plan: StepPlan, _ use: GradientUse) -> [Double] {
    let count = plan.present.count
    var whole = [Double](repeating: 0, count: count * count)
    var cross = whole
    for (block, gramian) in zip(plan.blocks, gramians)
    where block.sharedIndex != nil && (use.scope == .all || !block.isTable) {
      let positions = block.tasks.compactMap { plan.present.firstIndex(of: $0) }
      for (row, rowPosition) in positions.enumerated() {
        for (column, columnPosition) in positions.enumerated() {
          let target = rowPosition * count + columnPosition
          let others = [row, row + positions.count].flatMap { row in
            [column, column + positions.count].map { gramian[row, $0] }
          }
          whole[target] += others.reduce(0, +)
          cross[target] += gramian[row, column + positions.count]
        }
      }
    }
    let known = (0..<2).map { knownRows(ofHalf: $0, plan) }
    for (row, first) in plan.present.enumerated() {
      for (column, second) in plan.present.enumerated() {
        let target = row * count + column
        let counts = (Double(known[0][first]), Double(known[1][second]))
        if counts.0 > 0, counts.1 > 0 {
          cross[target] *= Double(plan.known[first]) / counts.0
          cross[target] *= Double(plan.known[second]) / counts.1
        } else {
          cross[target] = whole[target]
        }
      }
    }
    return cross
  }

  private func knownRows(ofHalf half: Int, _ plan: StepPlan) -> [Int] {
    var counts = [Int](repeating: 0, count: plan.known.count)
    for index in 0..<(plan.count + microBatch - 1) / microBatch
    where plan.half(ofMicroBatch: index) == half {
      for task in counts.indices {
        labels.withLabels(task: task, positions: positions(ofMicroBatch: index, plan)) { labels in
          for row in labels.indices where labels[row] < Label.unknown.rawValue {
            counts[task] += 1
          }
        }
      }
    }
    return counts
  }

  // MARK: Combining and updating

  /// Whether an element-wise rule of this scope acts on a block.
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
            piece, tasks: block.tasks, by: rule, block: index, state: elementState, sums: &sums)
        }
        for place in tablePlaces(of: worker, plan) {
          let block = plan.blocks[place.block]
          guard isCombined(block, scope), let index = block.sharedIndex else { continue }
          place.table.absorb(
            by: rule, block: index, tasks: block.tasks, state: place.state(elementState),
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
    let update = optimizer.update(step: context.number, learningRate: context.learningRate)
    let direct = directUpdate(combination, context)
    let squares = PerWorker(workers.workerCount) { 0.0 }
    workers.run { worker in
      combineStacks(plan, worker: worker, combination)
      if clipNorm == nil {
        apply(update, direct, plan, worker: worker, scale: 1)
      } else {
        squares.update(worker) { $0 = squaredNorm(plan, direct, worker: worker) }
      }
    }
    guard let clipNorm else { return }
    let norm = squares.values.reduce(0, +).squareRoot()
    guard norm.isFinite else { throw nonFiniteGradient(context) }
    let scale = norm > clipNorm ? Float(clipNorm / norm) : 1
    workers.run { apply(update, direct, plan, worker: $0, scale: scale) }
  }

  func forgetTables() {
    for table in tables.joined().joined() { table.forget() }
  }

  /// How blocks are updated whose combined stack is the way to go itself, and which those are.
  private struct DirectUpdate: Sendable {
    let update: ParameterUpdate
    let scope: GradientScope
  }

  private func directUpdate(
    _ combination: Combination, _ context: StepContext
  ) -> DirectUpdate? {
    guard case .elements(let rule, let scope) = combination, rule.replacesOptimizer else {
      return nil
    }
    return DirectUpdate(
      update: .sgd(
        rate: Float(context.learningRate), momentum: nil, decay: Float(optimizer.weightDecay)),
      scope: scope)
  }

  /// A worker's stretches of the parameters that a present task reaches.
  private func pieces(of worker: Int, _ plan: StepPlan) -> [DenseGradient.Piece] {
    dense.pieces[workers.share(of: dense.pieces.count, for: worker)]
      .filter { plan.blocks[$0.parameter].rows > 0 }
  }

  /// A worker's shard of a table.
  private struct TablePlace {
    let table: TableGradient
    let block: Int
    let input: Int
    let index: Int

    func state(_ state: ElementState?) -> TableGradient.State? {
      state.map { TableGradient.State(numbers: $0, input: input, table: index) }
    }
  }

  /// A worker's shards of the tables that a present task reaches, with their blocks' numbers.
  private func tablePlaces(of worker: Int, _ plan: StepPlan) -> [TablePlace] {
    tables[worker].enumerated().flatMap { input, tables in
      tables.enumerated().map {
        TablePlace(
          table: $1, block: plan.firstTableBlocks[input] + $0, input: input, index: $0)
      }
    }.filter { plan.blocks[$0.block].rows > 0 }
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
          dense.combine(piece, tasks: block.tasks, by: rule, block: index, state: elementState)
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
            by: rule, block: index, tasks: block.tasks, state: place.state(elementState))
        }
      }
    }
  }

  private func squaredNorm(
    _ plan: StepPlan, _ direct: DirectUpdate?, worker: Int
  ) -> Double {
    var square = [0.0]
    for piece in pieces(of: worker, plan)
    where !isDirect(plan.blocks[piece.parameter], direct) {
      dense.addProducts(piece, rows: 1, to: &square)
    }
    for place in tablePlaces(of: worker, plan) where !isDirect(plan.blocks[place.block], direct) {
      place.table.addProducts(rows: 1, to: &square)
    }
    return square[0]
  }

  private func isDirect(_ block: StepPlan.Block, _ direct: DirectUpdate?) -> Bool {
    direct.map { isCombined(block, $0.scope) } ?? false
  }

  private func apply(
    _ update: ParameterUpdate, _ direct: DirectUpdate?, _ plan: StepPlan, worker: Int,
    scale: Float
  ) {
    for piece in pieces(of: worker, plan) {
      if let direct, isDirect(plan.blocks[piece.parameter], direct) {
        dense.apply(direct.update, to: piece, of: weights, scale: 1)
      } else {
        dense.apply(update, to: piece, of: weights, scale: scale)
      }
    }
    for place in tablePlaces(of: worker, plan) {
      if let direct, isDirect(plan.blocks[place.block], direct) {
        place.table.apply(direct.update, scale: 1)
      } else {
        place.table.apply(update, scale: scale)
      }
    }
  }
}
