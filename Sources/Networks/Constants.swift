internal import Matrices

/// Learned numbers that are the same in every row.
struct Constants: Layer {
  /// A parameter `[1, width]`.
  let parameter: Int
  /// `[rows, width]`.
  let output: Activation

  var inputs: [Activation] { [] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(output)
    values.clear()
    values.addBias(weights.matrix([parameter]))
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.blocks(of: output) {
      workspace.slopes(output, block: block).sumColumns(
        into: workspace.gradient([parameter], block: block),
        accumulating: workspace.accumulatesGradients)
    }
  }
}

extension NetworkBuilder {
  /// What a linear layer computes that reads nothing: a bias, `name/bias`, uniform within ±`spread` at
  /// first, in a conditioned network modulated.
  mutating func modulatedConstants(name: String, width: Int, spread: Float) -> Activation {
    let output = activation(width: width)
    let parameter = addParameter(
      "\(name)/bias", rows: 1, columns: width, .uniform(spread), serves: output, isBias: true)
    add { _ in Constants(parameter: parameter, output: output) }
    return modulated([output], names: [name])[0]
  }
}
