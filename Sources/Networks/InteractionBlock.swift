internal import Interactions

/// A block between a network's input and all that reads it, which multiplies features with each other.
///
/// Blocks read the input, with its modulation where the network is conditioned, and stand beside each
/// other. What follows reads their outputs side by side; before them the input itself, unless one of
/// them ``replacesInput``. Every input of a network has blocks of its own, whose parameters begin with
/// the input's prefix. A list takes part as its pooled embedding; numbers take part where a block's
/// description says so.
///
/// Its JSON is the name of its kind where all settings are the defaults, or a map of `kind` and them.
public enum InteractionBlock: Sendable, Equatable {
  /// The sum of all products of two embeddings; see ``FactorizationMachine``.
  case fm
  case dcn(CrossNetwork)
  case senet(SENet)
  case fibinet(FiBiNET)
  case masknet(MaskNet)

  /// The names of the blocks.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case fm, dcn, senet, fibinet, masknet
  }

  /// The block of a kind with its default settings.
  public init(_ kind: Kind) {
    switch kind {
    case .fm: self = .fm
    case .dcn: self = .dcn(CrossNetwork())
    case .senet: self = .senet(SENet())
    case .fibinet: self = .fibinet(FiBiNET())
    case .masknet: self = .masknet(MaskNet())
    }
  }

  public var kind: Kind {
    switch self {
    case .fm: .fm
    case .dcn: .dcn
    case .senet: .senet
    case .fibinet: .fibinet
    case .masknet: .masknet
    }
  }

  /// Whether what follows reads the block's output instead of the input, which it carries within.
  public var replacesInput: Bool {
    switch self {
    case .dcn, .masknet: true
    case .fm, .senet, .fibinet: false
    }
  }

  /// Why the block can't work on inputs of this form; nil where it can.
  ///
  /// `numbers` counts the columns of an input row that no embedding fills.
  public func problem(
    over embeddings: [(feature: String, dimension: Int)], numbers: Int
  ) -> String? {
    switch self {
    case .fm, .senet, .fibinet:
      if embeddings.isEmpty { return "\(kind) multiplies embeddings, and no feature has one" }
      if kind == .senet || Set(embeddings.map(\.dimension)).count < embeddings.count { return nil }
      let found = embeddings.map { "\($0.feature) \($0.dimension)" }.joined(separator: ", ")
      return
        "\(kind) multiplies embeddings of equal dimension, and no two features have one: \(found)"
    case .dcn(let settings):
      let width = embeddings.reduce(numbers) { $0 + $1.dimension }
      guard let rank = settings.rank, rank >= width else { return nil }
      return
        "a rank of \(rank) spares nothing where the input has \(width) columns; choose a lower "
        + "one, or leave it out"
    case .masknet: return nil
    }
  }
}

extension InteractionBlock: Choice {
  var settings: (any Encodable)? {
    switch self {
    case .fm: nil
    case .dcn(let settings): settings
    case .senet(let settings): settings
    case .fibinet(let settings): settings
    case .masknet(let settings): settings
    }
  }

  init(_ kind: Kind, settingsFrom decoder: any Decoder) throws {
    switch kind {
    case .fm: self = .fm
    case .dcn: self = .dcn(try CrossNetwork(from: decoder))
    case .senet: self = .senet(try SENet(from: decoder))
    case .fibinet: self = .fibinet(try FiBiNET(from: decoder))
    case .masknet: self = .masknet(try MaskNet(from: decoder))
    }
  }
}

extension InteractionBlock {
  /// Columns of its output over inputs of this schema.
  func width(over schema: InputSchema) -> Int {
    let fields = InputFields(schema)
    return switch self {
    case .fm: fields.groups.reduce(0) { $0 + $1.dimension }
    case .dcn: schema.width
    case .senet: schema.embeddingWidth
    case .fibinet: 2 * fields.groups.reduce(0) { $0 + $1.pairCount * $1.dimension }
    case .masknet(let settings): settings.outputWidth
    }
  }
}

extension NetworkBuilder {
  /// What follows an input with these blocks: their outputs side by side, after the input itself unless
  /// one of them replaces it.
  mutating func interacting(
    _ input: Activation, _ blocks: [InteractionBlock], schema: InputSchema, prefix: String
  ) -> Activation {
    guard !blocks.isEmpty else { return input }
    for block in blocks where block.kind != .dcn {
      let problem = block.problem(
        over: zip(schema.lookups.map(\.feature), InputFields(schema).widths).map { ($0, $1) },
        numbers: schema.numbers.count)
      precondition(problem == nil, problem ?? "")
    }
    let isPassedOn = !blocks.contains(where: \.replacesInput)
    let widths = (isPassedOn ? [input.width] : []) + blocks.map { $0.width(over: schema) }
    let whole = activation(width: widths.reduce(0, +))
    var outputs = parts(of: whole, widths: widths)[...]
    let passedOn = isPassedOn ? outputs.popFirst() : nil
    for (block, output) in zip(blocks, outputs) {
      let name = "\(prefix)\(block.kind.rawValue)"
      let fields = InputFields(schema)
      switch block {
      case .fm: factorizationMachine(over: fields, of: input, into: output)
      case .dcn(let settings): crossNetwork(settings, name: name, from: input, into: output)
      case .senet(let settings):
        reweighted(fields, of: input, settings, name: name, into: output)
      case .fibinet(let settings):
        bilinear(fields, of: input, settings, name: name, into: output)
      case .masknet(let settings):
        masked(fields, of: input, settings, name: name, into: output)
      }
    }
    // The last layer that reads the input hands it slopes first.
    if let passedOn { add { PassedOn(index: $0, input: input, output: passedOn) } }
    return whole
  }
}
