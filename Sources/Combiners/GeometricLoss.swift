import Glibc

/// Trains on the geometric mean of the losses, in which no loss outweighs another by its size.
///
/// The loss is `(Π_i L_i)^(1/K)` over the `K` present tasks; its gradient has the weights
/// `(Π_j L_j)^(1/K) / (K L_i)`. A loss of zero leaves it no gradient and is an error.
///
/// - Note: The weights sum to 1 where the losses are equal, and to more where they are not.
///
/// Chennupati, Sistu, Yogamani, Rawashdeh: *MultiNet++: Multi-Stream Feature Aggregation and Geometric
/// Loss Strategy for Multi-Task Learning*, CVPR Workshops 2019.
/// <https://arxiv.org/abs/1904.08492>
public struct GeometricLoss: LossWeighting {
  public init() {}

  public func weights(for losses: [Double?]) throws(CombinerError) -> [Double] {
    try losses.checkPositive(for: .gls)
    let known = losses.known
    let mean = known.reduce(0) { $0 + log($1.loss) } / Double(known.count)
    var weights = [Double](repeating: 0, count: losses.count)
    for (task, loss) in known { weights[task] = exp(mean - log(loss)) / Double(known.count) }
    return weights
  }
}

extension GeometricLoss: NamedCombiner {
  static let profile = CombinerProfile(
    title: "GLS", family: .losses, summary: "trains on the losses' geometric mean",
    paper: "Chennupati et al., CVPRW 2019", link: "https://arxiv.org/abs/1904.08492",
    needs: "losses above zero", memory: "–")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(GeometricLoss())
  }
}
