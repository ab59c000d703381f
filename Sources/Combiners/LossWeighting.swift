/// A rule that turns task losses into one loss, `Σ_i w_i L_i`, for one backward pass.
///
/// The weights of a step are known before its losses are, so that rows can go through the network
/// and back while they are in the cache; the losses then move the weights of the next step.
public protocol LossWeighting: Sendable, Codable {
  /// The weights of the coming step's task losses, `[taskCount]`.
  var weights: [Double] { get }
  /// Learns from the step's mean losses, `[taskCount]`; nil where a task had no labelled row.
  mutating func observe(_ losses: [Double?])
}
