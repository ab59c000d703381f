internal import Matrices

/// The shares of a mixture's parts as the softmax of a gate's logits.
///
/// `shares = softmax(logits / temperature)`, row by row. In training a row may lose some of its parts,
/// and the others' shares are scaled to a sum of 1 (Zhao, Hong, Wei, Chen, Nath, et al.:
/// *Recommending What Video to Watch Next: A Multitask Ranking System*, RecSys 2019).
struct SoftmaxShares: Layer {
  let index: Int
  /// `[rows, parts]`.
  let logits: Activation
  /// `[rows, parts]`.
  let shares: Activation
  /// Above 0.
  let temperature: Float
  /// How likely training takes a part out of a row, `0..<1`.
  let dropout: Float

  var inputs: [Activation] { [logits] }
  var outputs: [Activation] { [shares] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(shares)
    values.copy(workspace.values(logits))
    if temperature != 1 { values.scale(by: 1 / temperature) }
    values.applySoftmax()
    if let key = workspace.dropoutKey {
      // Not the factors that dense layers and the kernel count by.
      values.dropShares(
        rate: dropout, key: key &+ UInt64(index + 1) &* 0x94d0_49bb_1331_11eb,
        firstRow: workspace.firstRow)
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.onwardBlocks(from: shares, to: logits) {
      guard let way = workspace.handover(from: shares, block: block, toInput: 0, ofLayer: index)
      else { continue }
      precondition(!way.accumulates, "one reader a gate")
      way.slopes.copy(workspace.slopes(shares, block: block))
      way.slopes.multiplySoftmaxSlope(output: workspace.values(shares))
      if way.scale != temperature { way.slopes.scale(by: way.scale / temperature) }
    }
  }
}

extension NetworkBuilder {
  /// The softmax of `logits`, a column a part, divided by `temperature`.
  ///
  /// In training a row loses each part with probability `dropout`.
  public mutating func softmaxShares(
    of logits: Activation, temperature: Double = 1, dropout: Double = 0
  ) -> Activation {
    let shares = activation(width: logits.width)
    add {
      SoftmaxShares(
        index: $0, logits: logits, shares: shares, temperature: Float(temperature),
        dropout: Float(dropout))
    }
    return shares
  }
}
