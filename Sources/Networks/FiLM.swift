internal import Matrices

/// Scales and shifts every hidden value as the preference asks.
///
/// `output = (1 + scale) · input + shift`, where one row of `modulation` holds the scales, then the
/// shifts, for all rows of a pass. Zeros, which it starts from, change nothing.
///
/// Perez, Strub, de Vries, Dumoulin, Courville: *FiLM: Visual Reasoning with a General Conditioning
/// Layer*, AAAI 2018, equation 2. Departures: it follows the layer's function instead of preceding it,
/// and embeddings are modulated too.
struct FiLM: Layer {
  let index: Int
  /// `[rows, width]`, which nothing else reads.
  let input: Activation
  /// `[1, 2 · width]`, which nothing else reads.
  let modulation: Activation
  /// `[rows, width]`.
  let output: Activation

  var inputs: [Activation] { [input, modulation] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(output).modulate(
      workspace.values(input), by: workspace.values(modulation))
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    var written: Int?
    for block in workspace.blocks(of: output) {
      guard let target = workspace.block(of: input, from: output, block: block) else { continue }
      workspace.slopes(output, block: block).propagate(
        toModulated: workspace.slopes(input, block: target),
        withValues: workspace.values(input), by: workspace.values(modulation),
        modulationSlopes: workspace.slopes(modulation, block: target),
        accumulating: written == target)
      written = target
    }
  }
}
