internal import Matrices

/// What it costs that a gate uses some experts more than others.
///
/// With `m_e` the mean share of each of `N` experts over the labelled rows of a micro-batch, each
/// counted as in the task's loss, their squared coefficient of variation is `N Σ_e m_e² − 1`, 0
/// where all are used alike. A row's term is `weight` times that of its micro-batch, so the term
/// depends on the size of micro-batches: rows of smaller ones have to be more even.
///
/// Shazeer, Mirhoseini, Maziarz, Davis, Le, Hinton, Dean: *Outrageously Large Neural Networks: The
/// Sparsely-Gated Mixture-of-Experts Layer*, ICLR 2017, equations 6 and 7.
/// <https://arxiv.org/abs/1701.06538> Departure: over micro-batches instead of batches.
struct LoadBalancing: Layer {
  let index: Int
  /// `[rows, expertCount]`.
  let shares: Activation
  let weight: Double
  /// `[rows, 1]`.
  let term: Activation

  var inputs: [Activation] { [shares] }
  var outputs: [Activation] { [term] }

  func forward(in workspace: Workspace, weights: DenseWeights) {}

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.blocks(of: term) {
      guard
        let way = workspace.handover(from: term, block: block, toInput: 0, ofLayer: index)
      else { continue }
      way.slopes.addBalanceSlope(
        of: workspace.values(shares), rowWeights: workspace.slopes(term, block: block),
        factor: way.scale * Float(weight), accumulating: way.accumulates)
    }
  }
}
