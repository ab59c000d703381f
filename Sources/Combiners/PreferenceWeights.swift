internal import Glibc
internal import Randomness

/// Draws the losses' weights at random for every few rows, and has the network told of them.
///
/// A preference `s` is drawn from the Dirichlet distribution whose `K` parameters are all the
/// concentration `α`: evenly from all preferences at 1, nearer to their corners below, to equal shares
/// above. The rows that share it count with the weights `K s_i w_i`, where the fixed weights `w` sum
/// to `K`; equal shares so are ``StaticWeights``. A network that takes the preference as an input
/// learns what every preference asks for, and one is chosen when it scores. To a network that takes
/// none, it is noise in the weights.
///
/// Every row is taken under several draws in a step, whose mean tells the network what the preference
/// changes apart from what the rows do: `fixtures/conditioned/README.md` has the measurements behind
/// the default of 4.
///
/// An absent task's share is not dealt out to the others, because the network is told of it.
///
/// - Note: Equal seeds give equal draws.
///
/// Dosovitskiy, Djolonga: *You Only Train Once: Loss-Conditional Training of Deep Networks*, ICLR 2020,
/// section 3 <https://openreview.net/forum?id=HyxY6JHKwr>; the Dirichlet distribution as in Ruchte,
/// Grabocka: *Scalable Pareto Front Approximation for Deep Multi-Objective Learning*, ICDM 2021,
/// section 4. Departures: the rows of a micro-batch share a preference, and COSMOS's penalty on the
/// angle between losses and preference is left out.
public struct PreferenceWeights: Codable, Sendable {
  /// `α`.
  public let concentration: Double
  /// Preferences under which a step takes every row: its cost is so many times that of a plain step.
  public let draws: Int
  /// `w`, `[taskCount]`, summing to the number of tasks.
  public let weights: [Double]
  private var generator: SplitMix64

  /// Creates the rule from fixed weights; `seed` fixes the draws.
  public init(
    _ weights: [Double], concentration: Double = 1, draws: Int = 4, seed: UInt64
  ) throws(CombinerError) {
    precondition(draws > 0)
    self.draws = draws
    try CombinerError.check(concentration, named: .concentration, "a number > 0") { $0 > 0 }
    self.concentration = concentration
    self.weights = try StaticWeights(weights).weights
    generator = SplitMix64(seed: seed)
  }

  /// Draws the next preference: shares that sum to 1, `[taskCount]`.
  public mutating func drawShares() -> [Double] {
    let logarithms = weights.map { _ in logarithmOfGamma() }
    return softmax(logarithms)
  }

  /// The losses' weights under a preference, `[taskCount]`.
  public func weights(of shares: [Double]) -> [Double] {
    zip(shares, weights).map { Double(weights.count) * $0 * $1 }
  }

  /// The logarithm of a number from the gamma distribution, which small concentrations make too small
  /// for a floating-point number.
  ///
  /// Marsaglia, Tsang: *A Simple Method for Generating Gamma Variables*, ACM TOMS 26(3), 2000.
  private mutating func logarithmOfGamma() -> Double {
    let raised = concentration < 1
    let d = (raised ? concentration + 1 : concentration) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = generator.normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      let u = 1 - generator.uniform()
      guard v > 0, log(u) < x * x / 2 + d - d * v + d * log(v) else { continue }
      let lift = raised ? log(1 - generator.uniform()) / concentration : 0
      return log(d * v) + lift
    }
  }
}

extension PreferenceWeights: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Loss-conditional training", family: .losses,
    summary: "trains one network for all weights, which are chosen when it scores",
    paper: "Dosovitskiy, Djolonga, ICLR 2020", link: "https://openreview.net/forum?id=HyxY6JHKwr",
    passes: "draws", memory: "–",
    settings: [
      .number(
        .concentration, usual: 1, above: 0,
        "Of the Dirichlet distribution that weights are drawn from: 1 draws evenly from all."),
      .whole(
        .draws, usual: 4, in: 1...64,
        "Preferences under which a step takes every row; it costs as many times as much."),
      .byTask(
        .weights, usual: 1, from: 0,
        "What equal preferences weigh the losses by; a task left out has 1."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .preferences(
      try PreferenceWeights(
        request.byTask(.weights), concentration: request.number(.concentration),
        draws: request.whole(.draws), seed: request.seed))
  }
}
