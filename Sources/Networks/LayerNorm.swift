internal import Matrices

/// Normalises every row, or every field of it, and scales and shifts the result by learned numbers.
///
/// `output = function((1 + gain) ⊙ (x − mean) / √(variance + ε) + bias)`, mean and variance over the
/// field, ε = 1e-5. A field of a single column, such as a number of the input, is not normalised, but
/// scaled and shifted. Dropout follows in training.
///
/// Ba, Kiros, Hinton: *Layer Normalization*, 2016, equation 4. <https://arxiv.org/abs/1607.06450>
/// Departure: the gain counts from 1, so that it starts from zeros and weight decay draws it to 1.
struct LayerNorm: Layer {
  static let epsilon: Float = 1e-5

  let index: Int
  /// `[rows, width]`.
  let input: Activation
  /// The widths of the fields, which fill a row.
  let widths: [Int]
  let function: ActivationFunction
  /// Where values before GELU and swish are kept, `[rows, width]`; nil for other functions.
  let beforeFunction: Activation?
  /// How likely training drops a value, `0..<1`.
  let dropout: Float
  /// Parameters `[1, width]`.
  let gain: Int
  let bias: Int
  /// `[rows, width]`.
  let output: Activation

  var inputs: [Activation] { [input] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(output)
    let sums = beforeFunction.map { workspace.values($0) } ?? values
    sums.setNormalised(
      workspace.values(input), widths: widths, epsilon: Self.epsilon,
      gain: weights.matrix([gain]), bias: weights.matrix([bias]), isRectified: function == .relu)
    switch function {
    case .linear, .relu: break
    case .gelu: sums.addBiasGELU(nil, into: values)
    case .swish: sums.addBiasSwish(nil, into: values)
    }
    applyDropout(to: values, in: workspace)
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    let paths = workspace.slopePaths(from: output, toInput: 0, layer: index)
    for block in workspace.blocks(of: output) {
      let slopes = workspace.slopes(output, block: block)
      applyDropout(to: slopes, in: workspace)
      slopes.multiplySlope(
        of: function, output: workspace.values(output),
        input: beforeFunction.map { workspace.values($0) })
      let path = paths.first { $0.block == block }
      slopes.propagate(
        toNormalised: path?.to, accumulating: path?.accumulates ?? false,
        withValues: workspace.values(input), widths: widths, epsilon: Self.epsilon,
        gain: weights.matrix([gain]), gainSlopes: workspace.gradient([gain], block: block),
        biasSlopes: workspace.gradient([bias], block: block),
        accumulatingParameters: workspace.accumulatesGradients, scale: path?.scale ?? 1)
    }
  }

  private func applyDropout(to values: Matrix, in workspace: Workspace) {
    guard let key = workspace.dropoutKey else { return }
    // As a dense layer with these parameters would.
    values.applyDropout(
      rate: dropout, key: key &+ UInt64(gain) &* 0xbf58_476d_1ce4_e5b9,
      firstRow: workspace.firstRow)
  }
}

extension NetworkBuilder {
  /// `input` normalised field by field into `output`, or into an activation of its own.
  mutating func normalised(
    _ input: Activation, widths: [Int], name: String, function: ActivationFunction = .linear,
    dropout: Double = 0, into output: Activation? = nil
  ) -> Activation {
    precondition(widths.reduce(0, +) == input.width)
    let output = output ?? activation(width: input.width)
    let gain = addParameter(
      "\(name)/gain", rows: 1, columns: input.width, .zero, serves: output)
    let bias = addParameter(
      "\(name)/bias", rows: 1, columns: input.width, .zero, serves: output, isBias: true)
    let before = function.keepsInput ? activation(width: input.width, hasSlopes: false) : nil
    add {
      LayerNorm(
        index: $0, input: input, widths: widths, function: function, beforeFunction: before,
        dropout: Float(dropout), gain: gain, bias: bias, output: output)
    }
    return output
  }
}
