internal import Matrices

/// A sum of experts, weighted by the shares that a gate gives them.
///
/// `output = Σ_e shares[e] · expert_e`, row by row. Ma, Zhao, Yi, Chen, Hong, Chi: *Modeling Task
/// Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts*, KDD 2018, equations 5
/// to 7.
struct GatedMixture: Layer {
  let index: Int
  /// `[rows, expertCount]`.
  let shares: Activation
  /// `[rows, width]` each.
  let experts: [Activation]
  /// Further experts, in the shares' columns after these, that are mixed as they are: no slopes go
  /// to them.
  let detached: [Activation]
  /// `[rows, width]`.
  let output: Activation

  var inputs: [Activation] { [shares] + experts }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let mixed = workspace.values(output)
    for (column, expert) in (experts + detached).enumerated() {
      mixed.add(
        workspace.values(expert), timesColumn: column, of: workspace.values(shares),
        accumulating: column > 0)
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.onwardBlocks(from: output, to: shares) {
      guard let shareBlock = workspace.block(of: shares, from: output, block: block) else {
        continue
      }
      precondition(
        workspace.writesFirst(input: 0, block: shareBlock, layer: index), "one mixture a gate")
      let shareSlopes = workspace.slopes(shares, block: shareBlock)
      let expertBlocks = experts.map { workspace.block(of: $0, from: output, block: block) }
      guard !expertBlocks.contains(nil) else {
        // The one task behind this mixture is absent from a pass that stacks the experts' slopes.
        shareSlopes.clear()
        continue
      }
      let slopes = workspace.slopes(output, block: block)
      for (column, expert) in experts.enumerated() {
        guard let expertBlock = expertBlocks[column] else { continue }
        slopes.propagate(
          toPart: workspace.slopes(expert, block: expertBlock),
          scale: workspace.sharedWeight(from: output, to: expert) ?? 1,
          withValues: workspace.values(expert), column: column, of: workspace.values(shares),
          shareSlopes: shareSlopes,
          accumulating: !workspace.writesFirst(
            input: column + 1, block: expertBlock, layer: index))
      }
      for (index, expert) in detached.enumerated() {
        slopes.propagate(
          toShareOf: workspace.values(expert), column: experts.count + index,
          shareSlopes: shareSlopes)
      }
    }
  }
}
