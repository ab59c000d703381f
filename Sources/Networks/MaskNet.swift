/// Hidden layers over the input times a mask that the whole input decides about.
///
/// A block is `relu(LN(W (mask ⊙ x)))` with `mask = W₂ relu(W₁ v + b₁) + b₂` of the input row `v`,
/// numbers included. In parallel, every block's `x` is the input with each embedding normalised, and the
/// outputs lie side by side; serial, that is the first block's, each next one masks the output of the one
/// before, and the last one's output is what is read. The network reads it instead of the input.
///
/// Wang, She, Zhang: *MaskNet: Introducing Feature-Wise Multiplication to CTR Ranking Models by
/// Instance-Guided Mask*, DLP-KDD 2021, equations 3 to 13. <https://arxiv.org/abs/2102.07619>
/// Departures: numbers are masked unnormalised instead of being embedded; all parallel blocks read one
/// normalisation of the input. Defaults are this project's.
public struct MaskNet: Codable, Sendable, Equatable {
  /// How the blocks stand to each other.
  public enum Arrangement: String, Codable, Sendable, CaseIterable { case parallel, serial }

  public var arrangement: Arrangement
  public var blocks: Int
  /// Columns of each block's output.
  public var width: Int
  /// Hidden values of a mask for each element that it masks, above 0; the paper's reduction ratio.
  public var ratio: Double

  public init(
    arrangement: Arrangement = .parallel, blocks: Int = 3, width: Int = 64, ratio: Double = 1
  ) {
    self.arrangement = arrangement
    self.blocks = blocks
    self.width = width
    self.ratio = ratio
    if let problem { preconditionFailure(problem) }
  }

  /// What is wrong with the settings; nil where nothing is.
  private var problem: String? {
    blocks > 0 && width > 0 && ratio > 0 && ratio.isFinite
      ? nil : "\(blocks) blocks of \(width) with a ratio of \(ratio)"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    arrangement = try values.decode(Arrangement.self, forKey: .arrangement)
    blocks = try values.decode(Int.self, forKey: .blocks)
    width = try values.decode(Int.self, forKey: .width)
    ratio = try values.decode(Double.self, forKey: .ratio)
    try decoder.require(problem)
  }

  private enum CodingKeys: String, CodingKey { case arrangement, blocks, width, ratio }

  var outputWidth: Int { arrangement == .parallel ? blocks * width : width }
}

extension NetworkBuilder {
  /// The mask blocks `name/0` and on; they fill `output`.
  mutating func masked(
    _ fields: InputFields, of input: Activation, _ settings: MaskNet, name: String,
    into output: Activation
  ) {
    let isParallel = settings.arrangement == .parallel
    let names = (0..<settings.blocks).map { "\(name)/\($0)" }
    let maskWidths = names.indices.map { isParallel || $0 == 0 ? input.width : settings.width }
    // All masks read the input, so their first layers are one product.
    let aggregated = dense(
      zip(names, maskWidths).map { name, width in
        Branch(
          name: "\(name)/aggregation", input: input,
          width: max(Int((settings.ratio * Double(width)).rounded()), 1), function: .relu)
      })
    let masks = dense(
      zip(zip(names, maskWidths), aggregated).map { block, aggregated in
        Branch(name: "\(block.0)/mask", input: aggregated, width: block.1, function: .linear)
      })
    let numbers = input.width - fields.widths.reduce(0, +)
    let normal = normalised(
      input, widths: fields.widths + Array(repeating: 1, count: numbers), name: "\(name)/norm")
    let outputs =
      isParallel ? parts(of: output, widths: names.map { _ in settings.width }) : []
    var current = normal
    for (block, name) in names.enumerated() {
      let masked = activation(width: maskWidths[block])
      let source = isParallel ? normal : current
      add {
        HadamardProduct(
          index: $0, left: source, right: masks[block], shift: 0, residual: nil, output: masked)
      }
      let hidden = dense([
        Branch(
          name: name, input: masked, width: settings.width, function: .linear, hasBias: false)
      ])[0]
      let isLast = block == names.count - 1
      current = normalised(
        hidden, widths: [settings.width], name: "\(name)/norm", function: .relu,
        into: isParallel ? outputs[block] : isLast ? output : nil)
    }
  }
}
