/// How a gate of a mixture of experts divides its task among them.
public struct GateUse: Codable, Sendable, Equatable {
  /// The tasks that the mixture serves; one each in MMoE.
  public var tasks: [String]
  /// Mean share of each expert, in `0...1`, together 1; less while selectors of DSelect-k give to numbers
  /// that are no expert's.
  public var shares: [Double]
  /// Mean over the rows of the shares' entropy, in nats: 0 where one expert always has all, `ln` of
  /// the number of experts where all have the same.
  public var entropy: Double
}
