/// Layers that multiply the input with linear functions of what the layer before made of it.
///
/// `x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l`, where `x_0` is the input row, numbers included: the last
/// of `layers` layers holds products of up to `layers + 1` of its elements. With a `rank`,
/// `W_l = U_l V_lᵀ` has factors `[width, rank]`. The network reads the last layer's output instead of the
/// input, which is in it (the paper's stacked structure).
///
/// Wang, Shivanna, Cheng, Jain, Lin, Hong, Chi: *DCN V2: Improved Deep & Cross Network and Practical
/// Lessons for Web-scale Learning to Rank Systems*, WWW 2021, equations 1 and 2.
/// <https://arxiv.org/abs/2008.13535>
public struct CrossNetwork: Codable, Sendable, Equatable {
  /// Number of layers; two by default, at which the paper's gains flatten (its section 7.4).
  public var layers: Int
  /// Columns of the weights' factors; nil leaves the weights whole.
  public var rank: Int?

  public init(layers: Int = 2, rank: Int? = nil) {
    self.layers = layers
    self.rank = rank
    if let problem { preconditionFailure(problem) }
  }

  /// What is wrong with the settings; nil where nothing is.
  private var problem: String? {
    layers > 0 && rank.map { $0 > 0 } ?? true
      ? nil : "\(layers) layers of \(rank.map { "rank \($0)" } ?? "full rank")"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    layers = try values.decode(Int.self, forKey: .layers)
    rank = try values.decodeIfPresent(Int.self, forKey: .rank)
    try decoder.require(problem)
  }

  private enum CodingKeys: String, CodingKey { case layers, rank }
}

extension NetworkBuilder {
  /// The layers `name/0` and on; the last one writes `output`.
  mutating func crossNetwork(
    _ settings: CrossNetwork, name: String, from input: Activation, into output: Activation
  ) {
    var current = input
    // Numbers may have come to fewer columns than the configuration allows them.
    let rank = settings.rank.flatMap { $0 < input.width ? $0 : nil }
    for level in 0..<settings.layers {
      let name = "\(name)/\(level)"
      var source = current
      if let rank {
        source =
          dense([
            Branch(
              name: "\(name)/down", input: current, width: rank, function: .linear, hasBias: false)
          ])[0]
      }
      let crossing =
        dense([
          Branch(
            name: rank == nil ? name : "\(name)/up", input: source, width: input.width,
            function: .linear)
        ])[0]
      let next = level == settings.layers - 1 ? output : activation(width: input.width)
      // Of the first layer, input and residual are one: x ⊙ (crossing + 1).
      add {
        HadamardProduct(
          index: $0, left: input, right: crossing, shift: level == 0 ? 1 : 0,
          residual: level == 0 ? nil : current, output: next)
      }
      current = next
    }
  }
}
