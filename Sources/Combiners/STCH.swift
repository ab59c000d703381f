import Glibc

/// Trains mostly on the loss that is farthest above its goal, a smooth maximum of them all.
///
/// The loss is `μ log Σ_i exp(λ_i (L_i − z_i) / μ)`, which nears `max_i λ_i (L_i − z_i)` as `μ` goes to
/// 0; its gradient has the weights `λ_i softmax_i(λ_i (L_i − z_i) / μ)`, over the present tasks.
///
/// Losses of other sizes can be brought together first (``Normalisation/nadir``): for a task's first
/// `warmUp` steps its loss is `log(L_i − z_i)`; the mean of `L_i − z_i` over them is its nadir `N_i`, and
/// from then on the loss is `K μ log Σ_i exp(λ_i log((L_i − z_i) / N_i) / μ)` over the `K` present tasks
/// that are so far.
///
/// A batch of rare positives has losses that jump far more than their means move, and whatever is highest
/// by chance would get the weight. With `beta` above 0 the losses are moving averages over the steps.
///
/// Departures: the `λ` sum to the number of tasks, as ``StaticWeights`` have it; the nadir is a mean over
/// steps instead of over the warm-up's last epoch; the weights rest on the newest losses before a step,
/// see ``LossWeighting``.
///
/// Lin, Zhang, Yang, Liu, Wang, Zhang: *Smooth Tchebycheff Scalarization for Multi-Objective
/// Optimization*, ICML 2024, section 3; μ = 0.1 is among the paper's values, the normalisation is that
/// of its multi-task experiments. <https://arxiv.org/abs/2402.19078>
public struct STCH: LossWeighting {
  /// How losses of other sizes are brought together.
  public enum Normalisation: String, Codable, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// By their logarithms above those of the warm-up's mean.
    case nadir
  }

  /// How smooth the maximum is, `μ`.
  public let mu: Double
  /// `λ`, `[taskCount]`, summing to the number of tasks.
  public let preferences: [Double]
  /// What the losses can't fall below, `z`, `[taskCount]`.
  public let lowest: [Double]
  public let normalisation: Normalisation
  public let warmUp: Int
  /// What share of the losses' averages a step keeps; 0 takes the newest losses alone.
  public let beta: Double
  private var averages: [MovingAverage]
  private var nadirs: TaskMeans

  /// Creates the rule; `weights` and `lowest` have a number for each task.
  public init(
    weights: [Double], lowest: [Double], mu: Double = 0.1, normalisation: Normalisation = .none,
    warmUp: Int = 100, beta: Double = 0
  ) throws(CombinerError) {
    precondition(weights.count == lowest.count)
    try CombinerError.check(mu, named: .mu, "a number > 0") { $0 > 0 }
    try CombinerError.check(Double(warmUp), named: .warmUp, "a whole number ≥ 1") { $0 >= 1 }
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    for bound in lowest {
      try CombinerError.check(bound, named: .lowest, "a number ≥ 0") { $0 >= 0 }
    }
    preferences = try StaticWeights(weights).weights
    self.lowest = lowest
    self.mu = mu
    self.normalisation = normalisation
    self.warmUp = warmUp
    self.beta = beta
    averages = Array(repeating: MovingAverage(), count: weights.count)
    nadirs = TaskMeans(taskCount: weights.count)
  }

  public func weights(for newest: [Double?]) throws(CombinerError) -> [Double] {
    let losses = smoothed(newest)
    var weights = [Double](repeating: 0, count: losses.count)
    guard normalisation == .nadir else {
      let shares = softmax(
        losses.known.map { preferences[$0.task] * ($0.loss - lowest[$0.task]) / mu })
      for (task, share) in zip(losses.present, shares) { weights[task] = preferences[task] * share }
      return weights
    }
    try losses.checkPositive(above: lowest, for: .stch)
    let known = losses.known.map { ($0.task, $0.loss - lowest[$0.task]) }
    for (task, loss) in known where nadirs.counts[task] < warmUp { weights[task] = 1 / loss }
    let ready = known.filter { nadirs.counts[$0.0] == warmUp }
    let shares = softmax(
      ready.map { task, loss in preferences[task] * log(loss / (nadirs[task] ?? 1)) / mu })
    for ((task, loss), share) in zip(ready, shares) {
      weights[task] = Double(ready.count) * preferences[task] * share / loss
    }
    return weights
  }

  /// The averages of the present tasks' losses, where there are any yet.
  private func smoothed(_ losses: [Double?]) -> [Double?] {
    guard beta > 0 else { return losses }
    return zip(losses, averages).map { loss, average in
      average.isEmpty ? loss : loss.map { _ in average.value(beta: beta) }
    }
  }

  public mutating func observe(_ step: WeighedStep) throws(CombinerError) {
    if beta > 0 {
      for (task, loss) in step.losses.known { averages[task].add(loss, beta: beta) }
    }
    guard normalisation == .nadir else { return }
    try step.losses.checkPositive(above: lowest, for: .stch)
    for (task, loss) in step.losses.known where nadirs.counts[task] < warmUp {
      nadirs.add(loss - lowest[task], to: task)
    }
  }
}

extension STCH: NamedCombiner {
  static let profile = CombinerProfile(
    title: "STCH", family: .losses, summary: "trains on a smooth maximum of the losses",
    paper: "Lin et al., ICML 2024", link: "https://arxiv.org/abs/2402.19078",
    needs: "losses above zero with normalisation nadir",
    settings: [
      .byTask(.weights, usual: 1, from: 0, "Factors of the losses; a task left out has 1."),
      .byTask(.lowest, usual: 0, from: 0, "Losses that count as none; a task left out has 0."),
      .number(.mu, usual: 0.1, above: 0, "How smooth the maximum is; small is sharp."),
      .choice(
        .normalisation, Normalisation.self, usual: .none,
        "Compare losses as they are, or by their logarithms above the warm-up's mean."),
      .whole(
        .warmUp, usual: 100, in: 1...1_000_000,
        "Steps of the warm-up with normalisation nadir, on the sum of log-losses."),
      .number(
        .beta, usual: 0, from: 0, below: 1,
        "What share of the losses' moving averages a step keeps; 0 takes the newest losses alone."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try STCH(
        weights: request.byTask(.weights), lowest: request.byTask(.lowest),
        mu: request.number(.mu), normalisation: request.choice(.normalisation),
        warmUp: request.whole(.warmUp), beta: request.number(.beta)))
  }
}
