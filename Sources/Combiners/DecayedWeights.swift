import Glibc

/// Weights that shrink by a fixed ratio from step to step.
///
/// `w_i(t) = w_i(0) γ_i^t` after `t` steps, with weights that sum to the number of tasks at first, as
/// ``StaticWeights`` have it, and by design not later.
///
/// Departure: `t` counts steps instead of epochs. Steps in which a task is absent count too, as long as
/// another one is there.
///
/// Tang, Liu, Zhao, Gong: *Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for
/// Personalized Recommendations*, RecSys 2020, section 4.3. <https://doi.org/10.1145/3383313.3412236>
public struct DecayedWeights: LossWeighting {
  /// `γ`, `[taskCount]`.
  public let ratios: [Double]
  /// `w(0)`, `[taskCount]`, summing to the number of tasks.
  public let firstWeights: [Double]
  private var steps = 0

  /// Creates the rule; `ratios` lie in `0...1`, 0 excluded.
  public init(_ weights: [Double], ratios: [Double]) throws(CombinerError) {
    precondition(weights.count == ratios.count)
    for ratio in ratios {
      try CombinerError.check(ratio, named: .gamma, "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    }
    firstWeights = try StaticWeights(weights).weights
    self.ratios = ratios
  }

  public func weights(for losses: [Double?]) -> [Double] {
    zip(firstWeights, ratios).map { $0 * pow($1, Double(steps)) }
  }

  public mutating func observe(_ step: WeighedStep) {
    if !step.losses.present.isEmpty { steps += 1 }
  }
}

extension DecayedWeights: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Decayed weights", family: .losses,
    summary: "lets the losses' weights shrink by a fixed ratio from step to step",
    paper: "Tang et al., RecSys 2020", link: "https://doi.org/10.1145/3383313.3412236",
    memory: "–",
    settings: [
      .byTask(.weights, usual: 1, from: 0, "Weights at first; a task left out has 1."),
      .byTask(
        .gamma, usual: 1, above: 0,
        "What each task's weight is multiplied by in a step, at most 1; a task left out has 1."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(try DecayedWeights(request.byTask(.weights), ratios: request.byTask(.gamma)))
  }
}
