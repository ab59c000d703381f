internal import Combiners
internal import Interactions
internal import Networks

// One step of each family of combiners, from the losses to the update.
extension TrainingEngine {
  // MARK: Loss weightings

  func weighLosses(
    _ weighting: any LossWeighting, _ context: StepContext
  ) throws(TrainingError) -> StepReport {
    var weighting = weighting
    let needs = weighting.needs
    let newest = try newestLosses(context)
    let weights = try combiner(inStep: context.number) { () throws(CombinerError) in
      try weighting.weights(for: newest)
    }
    let measures = context.isMeasured
    let needsNorms = needs.contains(.lastLayerNorms)
    let isPerTask = measures || network.needsPassPerTask(for: needs)
    let pass: StepPlan.Pass = isPerTask ? .perTask : needsNorms ? .lastSharedPerTask : .summed
    let plan = plan(context, pass, lossWeights: isPerTask ? nil : weights)
    let probed =
      needs.contains(.lossesAfterUpdate) ? probedMicroBatches(weighting.probedShare, plan) : 0
    let sums = computeGradients(plan, log: context.log, probed: probed)
    let losses = sums.meanLosses
    try checkFinite(losses, context)
    gather(plan, log: context.log)
    var report = StepReport(losses: losses, weights: weights, plan: plan)
    var step = WeighedStep(losses: losses)
    if needs.contains(.residuals) { step.squaredResiduals = sums.meanSquaredResiduals }
    if pass != .summed {
      let compared = needsNorms ? comparedBlocks(plan) : []
      let gramians = products(plan, of: measures ? nil : compared)
      if measures { report.gramian = try sharedGramian(gramians, plan, context) }
      if needsNorms {
        step.lastLayerNorms = try norms(over: compared, gramians, plan, context)
      }
    }
    let byTask = weights.map(Float.init)
    let ones = [Float](repeating: 1, count: byTask.count)
    try finish(
      plan,
      pass == .summed
        ? .sum
        : isPerTask ? .weights(shared: byTask, own: byTask) : .weights(shared: ones, own: ones),
      context)
    if probed > 0 {
      step.lossesBeforeUpdate = sums.meanProbeLosses
      step.lossesAfterUpdate = self.losses(plan, log: context.log, microBatches: probed)
    }
    remember(losses)
    try combiner(inStep: context.number) { () throws(CombinerError) in try weighting.observe(step) }
    combiningState.combining = .losses(weighting)
    return report
  }

  /// The newest loss of each present task; one that was never seen is that of a forward pass.
  private func newestLosses(_ context: StepContext) throws(TrainingError) -> [Double?] {
    let present = context.present
    if present.contains(where: { combiningState.newestLosses[$0] == nil }) {
      let seen = losses(plan(context, .summed), log: context.log)
      try checkFinite(seen, context)
      for task in present where combiningState.newestLosses[task] == nil {
        combiningState.newestLosses[task] = seen[task]
      }
    }
    return context.known.indices.map {
      context.known[$0] > 0 ? combiningState.newestLosses[$0] : nil
    }
  }

  private func remember(_ losses: [Double?]) {
    for (task, loss) in losses.enumerated() {
      if let loss { combiningState.newestLosses[task] = loss }
    }
  }

  /// How many of the first micro-batches make up a share of the rows, one at least.
  private func probedMicroBatches(_ share: Double, _ plan: StepPlan) -> Int {
    max(1, Int((share * Double(plan.count) / Double(microBatch)).rounded()))
  }

  /// The last shared layer's blocks; where no layer is that, all that every task trains.
  private func comparedBlocks(_ plan: StepPlan) -> Set<Int> {
    let lastShared = network.lastSharedParameters
    guard lastShared.isEmpty else { return Set(lastShared) }
    let dense = network.parameters.indices.filter {
      network.parameters[$0].tasks.count == network.taskCount
    }
    let tables = network.inputs.enumerated().flatMap { index, input in
      network.tasks(ofInput: index).count < network.taskCount
        ? [] : input.schema.tables.indices.map { plan.firstTableBlocks[index] + $0 }
    }
    return Set(dense + tables)
  }

  /// Each task's gradient norm over some blocks, of its unweighted loss.
  private func norms(
    over blocks: Set<Int>, _ gramians: [Gramian], _ plan: StepPlan, _ context: StepContext
  ) throws(TrainingError) -> [Double?] {
    var squares = [Double](repeating: 0, count: network.taskCount)
    for index in blocks.sorted() {
      for (row, task) in plan.blocks[index].tasks.enumerated() {
        squares[task] += gramians[index][row, row]
      }
    }
    guard squares.allSatisfy(\.isFinite) else { throw nonFiniteGradient(context) }
    return squares.indices.map { task in
      let weight = plan.lossWeights[task]
      return plan.known[task] > 0 && weight > 0 ? squares[task].squareRoot() / weight : nil
    }
  }

  // MARK: Preferences

  /// One pass of losses that each micro-batch weighs by a preference of its own.
  ///
  /// Where the tasks' gradients are measured, they are those of the weighted losses.
  func weighByPreferences(
    _ rule: PreferenceWeights, _ context: StepContext
  ) throws(TrainingError) -> StepReport {
    var rule = rule
    let drawn = context.present.isEmpty ? 0 : microBatchCount(context.count)
    let preferences = (0..<drawn).map { _ in Preference(rule.drawShares()) }
    let plan = plan(
      context, context.isMeasured ? .perTask : .summed, lossWeights: rule.weights,
      preferences: preferences)
    let losses = computeGradients(plan, log: context.log).meanLosses
    try checkFinite(losses, context)
    gather(plan, log: context.log)
    var report = StepReport(
      losses: losses, weights: meanWeights(of: preferences, under: rule), plan: plan)
    if context.isMeasured { report.gramian = try sharedGramian(products(plan), plan, context) }
    let ones = [Float](repeating: 1, count: network.taskCount)
    try finish(plan, context.isMeasured ? .weights(shared: ones, own: ones) : .sum, context)
    combiningState.combining = .preferences(rule)
    return report
  }

  private func meanWeights(
    of preferences: [Preference], under rule: PreferenceWeights
  ) -> [Double] {
    network.taskNames.indices.map { task in
      preferences.reduce(0) { $0 + rule.weights(of: $1.shares)[task] }
        / Double(max(preferences.count, 1))
    }
  }

  // MARK: Gradient combiners

  func combineGradients(
    _ rule: any GradientCombiner, _ use: GradientUse, _ context: StepContext
  ) throws(TrainingError) -> StepReport {
    let present = context.present
    let held = combiningState.heldWeights
    let isDue =
      (context.number - 1) % use.every == 0 || present.contains(where: { held[$0] == nil })
    if !isDue && !context.isMeasured {
      return try stepWithHeldWeights(held, measured: nil, context)
    }
    if isDue && use.scope == .representation {
      let plan = plan(context, .perTask)
      let (gramian, sums) = representationGramian(plan, log: context.log)
      try checkFinite(sums.meanLosses, context)
      guard gramian.values.allSatisfy(\.isFinite) else { throw nonFiniteGradient(context) }
      let weights = try weights(rule, use, gramian, losses: sums.meanLosses, context)
      return try stepWithHeldWeights(weights, measured: gramian, context)
    }
    let plan = plan(context, rule.needsHalves && isDue ? .perHalf : .perTask)
    let losses = computeGradients(plan, log: context.log).meanLosses
    try checkFinite(losses, context)
    gather(plan, log: context.log)
    let gramians = products(plan)
    let whole = try sharedGramian(gramians, plan, context)
    var weights = held
    if isDue {
      let seen = use.scope == .dense ? try sharedGramian(gramians, plan, context, .dense) : whole
      weights = try self.weights(
        rule, use, seen, losses: losses,
        cross: plan.pass == .perHalf ? crossProducts(gramians, plan, use.scope, whole: seen) : nil,
        context)
    }
    var report = StepReport(losses: losses, weights: weights.map { $0 ?? 0 }, plan: plan)
    report.gramian = whole
    try finish(
      plan,
      .weights(
        shared: weights.map { Float($0 ?? 0) },
        own: [Float](repeating: 1, count: network.taskCount)), context)
    return report
  }

  /// Asks the rule for weights, which hold until the next time.
  private func weights(
    _ rule: any GradientCombiner, _ use: GradientUse, _ gramian: Gramian, losses: [Double?],
    cross: [Double]? = nil, _ context: StepContext
  ) throws(TrainingError) -> [Double?] {
    var rule = rule
    let present = context.present
    let found = try combiner(inStep: context.number) { () throws(CombinerError) in
      try rule.weights(
        for: GradientStep(
          gramian: gramian, tasks: present, losses: present.map { losses[$0] ?? 0 },
          crossProducts: cross))
    }
    guard found.allSatisfy(\.isFinite) else { throw nonFiniteGradient(context) }
    combiningState.combining = .gradients(rule, use)
    // Where gradients almost vanish, some rules' weights are more than a float can hold.
    let limit = 1e30
    for (row, (task, weight)) in zip(present, found).enumerated() {
      // A task that trains no shared weights may share embeddings, which the rule did not look at.
      let isUnseen = use.scope == .dense && gramian[row, row] == 0
      combiningState.heldWeights[task] = isUnseen ? 1 : min(max(weight, -limit), limit)
    }
    return combiningState.heldWeights
  }

  /// One weighted backward pass; parameters of a single task get that task's plain gradient.
  private func stepWithHeldWeights(
    _ weights: [Double?], measured: Gramian?, _ context: StepContext
  ) throws(TrainingError) -> StepReport {
    let plan = plan(context, .summed, sharedWeights: weights.map { Float($0 ?? 0) })
    let losses = computeGradients(plan, log: context.log).meanLosses
    try checkFinite(losses, context)
    gather(plan, log: context.log)
    try finish(plan, .sum, context)
    var report = StepReport(losses: losses, weights: weights.map { $0 ?? 0 }, plan: plan)
    report.gramian = measured
    return report
  }

  // MARK: Element-wise combiners

  func combineElements(
    _ rule: any ElementwiseCombiner, _ scope: GradientScope, _ context: StepContext
  ) throws(TrainingError) -> StepReport {
    var rule = rule
    let plan = plan(context, .perTask)
    let losses = computeGradients(plan, log: context.log).meanLosses
    try checkFinite(losses, context)
    gather(plan, log: context.log)
    var report = StepReport(losses: losses, weights: [], plan: plan)
    var gramians: [Gramian] = []
    if !rule.absorbs || context.isMeasured {
      gramians = products(plan)
      report.gramian = try sharedGramian(gramians, plan, context)
    }
    try combiner(inStep: context.number) { () throws(CombinerError) in
      try rule.begin(ElementwiseStep(number: context.totalNumber, losses: losses))
    }
    var sums: [Double] = []
    if rule.absorbs {
      sums = absorb(plan, rule, scope)
      gramians = products(plan)
      _ = try sharedGramian(gramians, plan, context)
    }
    try combiner(inStep: context.number) { () throws(CombinerError) in
      try rule.prepare(
        for: plan.blocks.indices.filter { isCombined(plan.blocks[$0], scope) }.map {
          BlockGramian(gramian: gramians[$0], tasks: plan.blocks[$0].tasks)
        }, sums: sums)
    }
    try finish(plan, .elements(rule, scope), context)
    combiningState.combining = .elements(rule, scope: scope)
    report.weights = rule.taskWeights ?? network.taskNames.map { _ in nil }
    return report
  }

  // MARK: Parts

  private func plan(
    _ context: StepContext, _ pass: StepPlan.Pass, lossWeights: [Double]? = nil,
    preferences: [Preference] = [], sharedWeights: [Float]? = nil
  ) -> StepPlan {
    StepPlan(
      network: network, count: context.count, known: context.known,
      rowScales: rowWeights?.scales, pass: pass, step: context.number,
      dropoutKey: context.dropoutKey, lossWeights: lossWeights,
      preferences: preferences, sharedWeights: sharedWeights, stoppedTasks: stoppedTasks)
  }

  private func checkFinite(
    _ losses: [Double?], _ context: StepContext
  ) throws(TrainingError) {
    for (task, loss) in losses.enumerated() {
      if let loss, !loss.isFinite {
        throw .nonFiniteLoss(
          task: network.taskNames[task], step: context.number, cause: likelyCause(context))
      }
    }
  }

  func nonFiniteGradient(_ context: StepContext) -> TrainingError {
    forgetTables()
    return .nonFiniteGradient(step: context.number, cause: likelyCause(context))
  }

  /// Why a number may have stopped being one.
  private func likelyCause(_ context: StepContext) -> String {
    "the learning rate of \(context.learningRate) is likely too high: "
      + "lower optimizer.learning_rate or set optimizer.clip_norm"
  }

  /// Runs what a combiner does; its mistakes end the step without an update.
  private func combiner<R>(
    inStep step: Int, _ body: () throws(CombinerError) -> R
  ) throws(TrainingError) -> R {
    do throws(CombinerError) { return try body() } catch {
      forgetTables()
      if case .lossNotPositive(let task, let loss, let combiner) = error {
        throw .unusableLoss(
          task: network.taskNames[task], loss: loss, step: step, combiner: combiner)
      }
      throw .combiner(error)
    }
  }
}

extension Network {
  /// Whether what a rule needs takes each task's gradient of all parameters: norms over a last shared
  /// layer, where there is none.
  func needsPassPerTask(for needs: LossWeightingNeeds) -> Bool {
    needs.contains(.lastLayerNorms) && lastSharedParameters.isEmpty
  }
}
