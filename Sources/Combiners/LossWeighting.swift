/// A rule that turns task losses into one loss, `Σ_i w_i L_i`, for one backward pass.
///
/// Rows go through the network and back while they are in the cache, so a step's weights are settled
/// before its own losses are known: the trainer asks for weights by the newest losses it has, those of
/// the step before (of a forward pass over the first batch, when a run begins), and then tells what
/// the step came to. Methods whose paper weighs a step by its own losses follow it with this delay of
/// one step, which also keeps the noise of a batch's losses out of its own gradient.
public protocol LossWeighting: Sendable, Codable {
  /// What ``observe(_:)`` must be told beside the losses; nothing, unless a rule says otherwise.
  var needs: LossWeightingNeeds { get }
  /// Of ``LossWeightingNeeds/lossesAfterUpdate``: the share of a step's rows to look at again, `0...1`.
  var probedShare: Double { get }
  /// The weights of the coming step's task losses, `[taskCount]`, asked once a step.
  ///
  /// `losses` are the newest mean losses in nats, `[taskCount]`; nil where a task is absent from the
  /// coming step. The weights of absent tasks are not used.
  mutating func weights(for losses: [Double?]) throws(CombinerError) -> [Double]
  /// Learns from the step that was weighed.
  mutating func observe(_ step: WeighedStep) throws(CombinerError)
}

extension LossWeighting {
  public var needs: LossWeightingNeeds { [] }
  public var probedShare: Double { 1.0 / 16 }
  /// Fixed rules learn nothing.
  public mutating func observe(_ step: WeighedStep) {}
}

/// What a loss weighting needs to know of a step beside its losses; each costs something.
public struct LossWeightingNeeds: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Each task's gradient norm over the last shared layer: that layer's products once a task.
  ///
  /// Where no layer with weights is that, as along a funnel, over all that every task trains: a pass a
  /// task.
  public static let lastLayerNorms = LossWeightingNeeds(rawValue: 1)
  /// Each task's mean squared residual of scores against labels: next to nothing.
  public static let residuals = LossWeightingNeeds(rawValue: 2)
  /// Losses of some of the step's rows before and after its update: a forward pass over those rows.
  public static let lossesAfterUpdate = LossWeightingNeeds(rawValue: 4)
}

/// What a weighed step came to, as far as the rule needs it; all `[taskCount]`, nil for absent tasks.
public struct WeighedStep: Sendable, Equatable {
  /// Mean losses over the labelled rows, in nats.
  public var losses: [Double?]
  /// Mean of `(score − label)²` over the labelled rows; empty unless asked for.
  public var squaredResiduals: [Double?] = []
  /// Norms of the unweighted losses' gradients over the last shared layer, or over all that every task
  /// trains; empty unless asked for.
  public var lastLayerNorms: [Double?] = []
  /// Losses before the update of the rows that ``lossesAfterUpdate`` is of; empty unless asked for.
  public var lossesBeforeUpdate: [Double?] = []
  /// Losses of the same rows after the update.
  public var lossesAfterUpdate: [Double?] = []

  public init(losses: [Double?]) { self.losses = losses }
}
