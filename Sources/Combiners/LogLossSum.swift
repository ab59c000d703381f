/// Trains on the sum of the losses' logarithms, in which no loss outweighs another by its size.
///
/// The loss is `Σ_i log(L_i + 1e-8)`, its gradient has the weights `1 / (L_i + 1e-8)`. A loss of zero
/// is an error.
///
/// - Note: The weights have no common sum: they grow as the losses fall.
///
/// Lin, Jiang, Ye, Zhang, Chen, Chen, Liu, Kwok: *Dual-Balancing for Multi-Task Learning*, 2023, section
/// 3.1, with the 1e-8 of its code. <https://arxiv.org/abs/2308.12029>
public struct LogLossSum: LossWeighting {
  public init() {}

  public func weights(for losses: [Double?]) throws(CombinerError) -> [Double] {
    try losses.checkPositive(for: .logSum)
    return losses.map { $0.map { 1 / ($0 + 1e-8) } ?? 0 }
  }
}

extension LogLossSum: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Log-loss sum", family: .losses, summary: "trains on the sum of the losses' logarithms",
    paper: "Lin et al., 2023", link: "https://arxiv.org/abs/2308.12029",
    needs: "losses above zero", memory: "–")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(LogLossSum())
  }
}
