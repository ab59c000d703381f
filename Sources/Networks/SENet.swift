internal import Matrices

/// Embeddings weighted by how much they matter in their row.
///
/// Squeeze: `z_f`, the mean of embedding `f`. Excitation: `a = relu(W₂ relu(W₁ z + b₁) + b₂)`, with
/// `W₁` `[fields / reduction, fields]`. Reweight: `a_f v_f`, side by side. Embeddings may differ in
/// dimension; numbers take no part.
///
/// Huang, Zhang, Zhang: *FiBiNET: Combining Feature Importance and Bilinear Feature Interaction for
/// Click-Through Rate Prediction*, RecSys 2019, equations 2 to 4. <https://arxiv.org/abs/1905.09433>
/// Departures: the layers have biases, the second ones of 1 at first, so that the weights start near 1
/// however small fresh embeddings are. By itself, the network reads it beside the input.
public struct SENet: Codable, Sendable, Equatable {
  /// How many times fewer hidden values than embeddings there are, but one at least; 3 in the paper.
  public var reduction: Int

  public init(reduction: Int = 3) {
    self.reduction = reduction
    if let problem { preconditionFailure(problem) }
  }

  /// What is wrong with the settings; nil where nothing is.
  private var problem: String? { reduction > 0 ? nil : "a reduction of \(reduction)" }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    reduction = try values.decode(Int.self, forKey: .reduction)
    try decoder.require(problem)
  }

  private enum CodingKeys: String, CodingKey { case reduction }
}

extension NetworkBuilder {
  /// The fields of `input`, reweighted; they fill `output`.
  mutating func reweighted(
    _ fields: InputFields, of input: Activation, _ settings: SENet, name: String,
    into output: Activation
  ) {
    let count = fields.widths.count
    let means = activation(width: count)
    add { FieldMeans(index: $0, input: input, widths: fields.widths, output: means) }
    let hidden = dense([
      Branch(
        name: "\(name)/squeeze", input: means, width: max(count / settings.reduction, 1),
        function: .relu)
    ])[0]
    let shares = dense([
      Branch(name: "\(name)/excite", input: hidden, width: count, function: .relu, firstBias: 1)
    ])[0]
    add {
      WeightedFields(
        index: $0, input: input, shares: shares, widths: fields.widths, output: output)
    }
  }
}

/// The mean of each of the leading fields of its input.
struct FieldMeans: Layer {
  let index: Int
  /// `[rows, width]`.
  let input: Activation
  let widths: [Int]
  /// `[rows, fieldCount]`.
  let output: Activation

  var inputs: [Activation] { [input] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(output).setFieldMeans(of: workspace.values(input), widths: widths)
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for path in workspace.slopePaths(from: output, toInput: 0, layer: index) {
      if !path.accumulates { path.to.clear() }
      path.from.addFieldMeansSlope(to: path.to, widths: widths, scale: path.scale)
    }
  }
}

/// The leading fields of its input, each times its share.
struct WeightedFields: Layer {
  let index: Int
  /// `[rows, width]`.
  let input: Activation
  /// `[rows, fieldCount]`.
  let shares: Activation
  let widths: [Int]
  /// `[rows, sum of the widths]`.
  let output: Activation

  var inputs: [Activation] { [input, shares] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(output).setFields(
      of: workspace.values(input), widths: widths, times: workspace.values(shares),
      accumulating: false)
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for path in workspace.slopePaths(from: output, toInput: 0, layer: index) {
      if !path.accumulates { path.to.clear() }
      path.to.setFields(
        of: path.from, widths: widths, times: workspace.values(shares), scale: path.scale,
        accumulating: true)
    }
    for path in workspace.slopePaths(from: output, toInput: 1, layer: index) {
      if !path.accumulates { path.to.clear() }
      path.from.addShareSlope(
        to: path.to, ofFields: workspace.values(input), widths: widths, scale: path.scale)
    }
  }
}
