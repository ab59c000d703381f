internal import Glibc
internal import Randomness

/// Draws the losses' weights at random in every step.
///
/// In the normal form `w = K softmax(z)`, `z` drawn from the normal distribution for each of the `K`
/// present tasks; in the Dirichlet form `w / K` is drawn from the Dirichlet distribution whose
/// parameters are all 1, that is evenly from all weights. Meant as a control: a rule that does not beat
/// it has shown no gain by adapting.
///
/// Departure: weights sum to `K` instead of 1, so that they are 1 on average.
///
/// - Note: Equal seeds give equal runs.
///
/// Lin, Ye, Zhang, Tsang: *Reasonable Effectiveness of Random Weighting: A Litmus Test for Multi-Task
/// Learning*, TMLR 2022, section 3; the normal distribution is the paper's usual one.
/// <https://arxiv.org/abs/2111.10603>
public struct RLW: LossWeighting {
  /// What the weights are drawn from.
  public enum Form: String, Codable, Sendable, CaseIterable { case normal, dirichlet }

  public let form: Form
  private var generator: SplitMix64

  /// Creates the rule; `seed` fixes the draws.
  public init(form: Form = .normal, seed: UInt64) {
    self.form = form
    generator = SplitMix64(seed: seed)
  }

  public mutating func weights(for losses: [Double?]) -> [Double] {
    let tasks = losses.present
    var shares: [Double]
    switch form {
    case .normal: shares = softmax(tasks.map { _ in generator.normal() })
    case .dirichlet:
      // Exponential numbers divided by their sum.
      shares = tasks.map { _ in max(-log(1 - generator.uniform()), .leastNormalMagnitude) }
      let sum = shares.reduce(0, +)
      shares = shares.map { $0 / sum }
    }
    var weights = [Double](repeating: 0, count: losses.count)
    for (task, share) in zip(tasks, shares) { weights[task] = Double(tasks.count) * share }
    return weights
  }
}

extension RLW: NamedCombiner {
  static let profile = CombinerProfile(
    title: "RLW", family: .losses, summary: "draws the losses' weights at random in every step",
    paper: "Lin et al., TMLR 2022", link: "https://arxiv.org/abs/2111.10603", memory: "–",
    settings: [
      .choice(
        .form, Form.self, usual: .normal,
        "What the weights are drawn from: a softmax of normal numbers, or all weights evenly.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(RLW(form: try request.choice(.form), seed: request.seed))
  }
}
