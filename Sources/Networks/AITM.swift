extension NetworkBuilder {
  /// A bottom and a tower for each task on shared embeddings, and attention between what a task's
  /// bottom computes and what its predecessor hands over.
  ///
  /// A task without a predecessor has its bottom's output `q` alone, `z = q`. Another one has
  /// `z = Σ_u w_u h₁(u)` over `u` in `p, q`, where `p` is a layer over the predecessor's `z`, the
  /// weights `w` are the softmax of `⟨h₂(u), h₃(u)⟩ / √k`, and `h₁`, `h₂`, `h₃` are linear, of
  /// width `k`, that of `q`. Its tower reads `z`. Where the calibrator has a weight, the loss has a
  /// term for a probability above the predecessor's.
  ///
  /// Xi, Chen, Yan, Zhang, Zhu, Zhuang, Chen: *Modeling the Sequential Dependence among Audience
  /// Multi-step Conversions with Multi-task Learning in Targeted Display Advertising*, KDD 2021,
  /// equations 4 to 9. <https://arxiv.org/abs/2105.08489> Departure: towers may have hidden layers.
  mutating func aitm(
    _ tasks: [String], _ settings: NetworkSettings, _ funnel: Funnel
  ) -> TaskLogits {
    let input = input()
    let bottoms = tasks.map { bottom("\($0)/bottom", from: input, settings) }
    var tops = bottoms
    for task in funnel.inOrder {
      guard let predecessor = funnel.predecessors[task] else { continue }
      tops[task] = informed(tasks[task], bottoms[task], by: tops[predecessor], settings)
    }
    let towers = zip(tasks, tops).map { tower($0, from: $1, settings) }
    guard settings.calibrator > 0 else { return TaskLogits(towers) }
    for (task, predecessor) in funnel.predecessors.enumerated() {
      guard let predecessor else { continue }
      auxiliaryLoss(of: task) { index, term in
        ExpectationCalibrator(
          index: index, inputs: [towers[task], towers[predecessor]], weight: settings.calibrator,
          term: term)
      }
    }
    return TaskLogits(
      logits: tasks.indices.map { task in
        funnel.predecessors[task] != nil || funnel.isFollowed(task)
          ? chainedLogit([towers[task]]) : towers[task]
      }, baseRates: towers.map { BaseRatePlace(logit: $0) })
  }

  /// What a task computed by itself, mixed by attention with what its predecessor hands over.
  private mutating func informed(
    _ task: String, _ own: Activation, by former: Activation, _ settings: NetworkSettings
  ) -> Activation {
    let width = own.width
    let handed = modulatedDense(
      [
        Branch(
          name: "\(task)/transfer", input: former, width: width, function: settings.activation)
      ], dropout: settings.dropout)[0]
    let projected = dense(
      ["value", "query", "key"].map {
        Branch(name: "\(task)/attention/\($0)", input: handed, width: width, function: .linear)
      }, alsoOn: own)
    let scores = attentionScores(
      queries: [projected.first[1], projected.second[1]],
      keys: [projected.first[2], projected.second[2]])
    return mixture(
      of: [projected.first[0], projected.second[0]], shares: softmaxShares(of: scores))
  }
}
