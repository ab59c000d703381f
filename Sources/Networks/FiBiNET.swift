internal import Matrices

/// Bilinear products of all pairs of embeddings, as they are and reweighted by a ``SENet``.
///
/// `p_{fg} = (v_f W) ⊙ v_g` for `f < g`, with one `W`, one a field or one a pair, over the fields of one
/// dimension; the same, with weights of its own, over the reweighted fields. All products lie side by
/// side: `pairs · dimension` columns each, so this block is the widest. An embedding whose dimension no
/// other shares is in no pair; numbers take no part. The network reads the input beside it.
///
/// Huang, Zhang, Zhang: *FiBiNET: Combining Feature Importance and Bilinear Feature Interaction for
/// Click-Through Rate Prediction*, RecSys 2019, equations 5 to 10. <https://arxiv.org/abs/1905.09433>
public struct FiBiNET: Codable, Sendable, Equatable {
  /// Which products share a weight matrix.
  public enum Bilinear: String, Codable, Sendable, CaseIterable {
    /// All.
    case all = "field_all"
    /// Those of the same first field.
    case each = "field_each"
    /// None.
    case interaction = "field_interaction"
  }

  public var bilinear: Bilinear
  /// The reweighting's ``SENet/reduction``.
  public var reduction: Int

  public init(bilinear: Bilinear = .all, reduction: Int = SENet().reduction) {
    self.bilinear = bilinear
    self.reduction = reduction
    if let problem { preconditionFailure(problem) }
  }

  /// What is wrong with the settings; nil where nothing is.
  private var problem: String? { reduction > 0 ? nil : "a reduction of \(reduction)" }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    bilinear = try values.decode(Bilinear.self, forKey: .bilinear)
    reduction = try values.decode(Int.self, forKey: .reduction)
    try decoder.require(problem)
  }

  private enum CodingKeys: String, CodingKey { case bilinear, reduction }
}

extension InputFields.Group {
  /// All pairs of fields, by their positions, the first one lower.
  var pairs: [(first: Int, second: Int)] {
    firsts.indices.flatMap { first in
      firsts.indices.dropFirst(first + 1).map { (first, $0) }
    }
  }

  var pairCount: Int { firsts.count * (firsts.count - 1) / 2 }
}

extension NetworkBuilder {
  /// Bilinear products of the fields, then those of the reweighted ones; they fill `output`.
  mutating func bilinear(
    _ fields: InputFields, of input: Activation, _ settings: FiBiNET, name: String,
    into output: Activation
  ) {
    let reweighted = activation(width: fields.widths.reduce(0, +))
    self.reweighted(
      fields, of: input, SENet(reduction: settings.reduction), name: "\(name)/senet",
      into: reweighted)
    let groups = fields.groups
    let widths = groups.map { $0.pairCount * $0.dimension }
    var outputs = parts(of: output, widths: widths + widths)[...]
    for (source, name) in [(input, "\(name)/bilinear"), (reweighted, "\(name)/senet/bilinear")] {
      for group in groups {
        guard let part = outputs.popFirst() else { preconditionFailure("a part a group") }
        bilinearProducts(
          of: group, of: source, settings.bilinear, name: "\(name)\(group.dimension)", into: part)
      }
    }
  }

  private mutating func bilinearProducts(
    of group: InputFields.Group, of input: Activation, _ weights: FiBiNET.Bilinear, name: String,
    into output: Activation
  ) {
    let pairs = group.pairs
    // The last field is nowhere the first of a pair.
    let sources =
      weights == .interaction ? pairs.map(\.first) : Array(group.firsts.indices.dropLast())
    let names =
      switch weights {
      case .all: [name]
      case .each: sources.map { "\(name)/\($0)" }
      case .interaction: pairs.map { "\(name)/\($0.first)_\($0.second)" }
      }
    let projected = activation(width: sources.count * group.dimension)
    let matrices = names.map {
      addParameter(
        "\($0)/weight", rows: group.dimension, columns: group.dimension, .glorot,
        serves: projected)
    }
    add {
      FieldProjection(
        index: $0, input: input, firsts: sources.map { group.firsts[$0] },
        dimension: group.dimension,
        weightIndices: matrices.count == 1 ? sources.map { _ in matrices[0] } : matrices,
        output: projected)
    }
    add {
      PairProducts(
        index: $0, left: projected,
        leftFirsts: pairs.indices.map {
          (weights == .interaction ? $0 : pairs[$0].first) * group.dimension
        }, right: input, rightFirsts: pairs.map { group.firsts[$0.second] },
        dimension: group.dimension, output: output)
    }
  }
}

/// Fields of an activation, each times a square matrix: `output_p = v_{f_p} W_p`.
struct FieldProjection: Layer {
  let index: Int
  /// `[rows, width]`.
  let input: Activation
  /// The first column of each projection's field.
  let firsts: [Int]
  let dimension: Int
  /// The `[dimension, dimension]` matrix of each projection, outputs by inputs; some may be the same.
  let weightIndices: [Int]
  /// `[rows, projections · dimension]`.
  let output: Activation

  var inputs: [Activation] { [input] }
  var outputs: [Activation] { [output] }
  var multiplyAdds: Int { firsts.count * dimension * dimension }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(input)
    let projected = workspace.values(output)
    for projection in firsts.indices {
      multiply(
        values.columns(field(projection)), .asStored,
        weights.matrix([weightIndices[projection]]), .transposed,
        into: projected.columns(columns(projection)))
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(input)
    for block in workspace.blocks(of: output) {
      let slopes = workspace.slopes(output, block: block)
      var last: Int?
      for projection in firsts.indices {
        let weight = weightIndices[projection]
        multiply(
          slopes.columns(columns(projection)), .transposed, values.columns(field(projection)),
          .asStored, into: workspace.gradient([weight], block: block),
          accumulating: workspace.accumulatesGradients || weight == last)
        last = weight
      }
    }
    for path in workspace.slopePaths(from: output, toInput: 0, layer: index) {
      if path.scale != 1 { path.from.scale(by: path.scale) }
      if !path.accumulates { path.to.clear() }
      for projection in firsts.indices {
        multiply(
          path.from.columns(columns(projection)), .asStored,
          weights.matrix([weightIndices[projection]]), .asStored,
          into: path.to.columns(field(projection)), accumulating: true)
      }
    }
  }

  private func field(_ projection: Int) -> Range<Int> {
    firsts[projection]..<firsts[projection] + dimension
  }

  private func columns(_ projection: Int) -> Range<Int> {
    projection * dimension..<(projection + 1) * dimension
  }
}

/// Element-wise products of pairs of fields, side by side.
struct PairProducts: Layer {
  let index: Int
  /// `[rows, width]`.
  let left: Activation
  /// The first column of each pair's left field.
  let leftFirsts: [Int]
  /// `[rows, width]`.
  let right: Activation
  let rightFirsts: [Int]
  let dimension: Int
  /// `[rows, pairs · dimension]`.
  let output: Activation

  var inputs: [Activation] { [left, right] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(output).setPairProducts(
      workspace.values(left), leftFirsts: leftFirsts, workspace.values(right),
      rightFirsts: rightFirsts, dimension: dimension)
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for path in workspace.slopePaths(from: output, toInput: 0, layer: index) {
      if !path.accumulates { path.to.clear() }
      path.from.addPairProductsSlope(
        to: path.to, firsts: leftFirsts, other: workspace.values(right),
        otherFirsts: rightFirsts, dimension: dimension, scale: path.scale)
    }
    for path in workspace.slopePaths(from: output, toInput: 1, layer: index) {
      if !path.accumulates { path.to.clear() }
      path.from.addPairProductsSlope(
        to: path.to, firsts: rightFirsts, other: workspace.values(left),
        otherFirsts: leftFirsts, dimension: dimension, scale: path.scale)
    }
  }
}
