/// Fixed weights for the task losses.
///
/// The weights are scaled to sum to the number of tasks, so that a sweep over them is no sweep over
/// learning rates; equal weights are all 1. Swept, they are the baseline that every other rule is
/// held against: Xin, Ghorbani, Gilmer, Garg, Firat: *Do Current Multi-Task Optimization Methods in
/// Deep Learning Even Help?*, NeurIPS 2022.
public struct StaticWeights: LossWeighting {
  /// `[taskCount]`, summing to the number of tasks.
  public let weights: [Double]

  /// Creates the rule from weights of any positive sum, none negative.
  public init(_ weights: [Double]) throws(CombinerError) {
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), let largest = weights.max(), largest > 0
    else {
      throw .badSetting(
        name: "weights", value: "\(weights)", expected: "a list of numbers ≥ 0 with a sum > 0")
    }
    // Divided by the largest first, so that equal weights are exactly 1 and no sum overflows.
    let shares = weights.map { $0 / largest }
    let sum = shares.reduce(0, +)
    self.weights = shares.map { $0 * Double(weights.count) / sum }
  }

  public func weights(for losses: [Double?]) -> [Double] { weights }
}

extension StaticWeights: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Static weights", family: .losses, summary: "keeps fixed weights, scaled to sum to K",
    paper: "Xin et al., NeurIPS 2022", link: "https://arxiv.org/abs/2209.11379", memory: "–",
    settings: [
      .byTask(.weights, usual: 1, from: 0, "Weights of the tasks' losses; a task left out has 1.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(try StaticWeights(request.byTask(.weights)))
  }
}
