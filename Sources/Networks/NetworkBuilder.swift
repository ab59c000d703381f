public import Interactions

/// Puts a network together, layer by layer; architectures are functions that use one.
public struct NetworkBuilder {
  private var buffers: [ActivationBuffer] = []
  private var activations: [Activation] = []
  private var parameters: [Parameter] = []
  private var parameterCount = 0
  private var layers: [any Layer] = []
  private var inputs: [InputBlock] = []
  private var auxiliaryLosses: [AuxiliaryLoss] = []
  private let schema: InputSchema
  /// What stands between every input and what reads it.
  private let interactions: [InteractionBlock]
  /// Share of embeddings that training takes out of a row.
  private let embeddingDropout: Double
  /// What weighs the elements of lists that are pooled by attention.
  let attentionUnit: AttentionUnit
  /// Where the network is told the preference; nil for an unconditioned network.
  private var preference: Activation?
  /// What layers are told of the preference, by the prefix of the input that they stand on.
  private var preferenceMaps: [String: Activation] = [:]

  /// Creates a builder; with `preferenceTasks`, of a network that takes a preference among so many
  /// tasks.
  ///
  /// `interactions` are blocks of different kinds that suit the schema; `attention` weighs the elements
  /// of its lists that ask for it; a row loses each embedding with probability `embeddingDropout` in
  /// training.
  public init(
    schema: InputSchema, interactions: [InteractionBlock] = [],
    attention: AttentionUnit = AttentionUnit(), embeddingDropout: Double = 0,
    preferenceTasks: Int? = nil
  ) {
    precondition(
      Set(interactions.map(\.kind)).count == interactions.count, "each kind of block once")
    self.schema = schema
    self.interactions = interactions
    self.embeddingDropout = embeddingDropout
    attentionUnit = attention
    if let preferenceTasks {
      let buffer = addBuffer(width: preferenceTasks, slopeWidth: 0, rows: .one)
      preference = addActivation(buffer: buffer, columns: 0..<preferenceTasks)
    }
  }

  /// What the network reads: the lookups' embeddings side by side, then the numbers; with feature
  /// interactions, what ``InteractionBlock`` says.
  ///
  /// Each call makes embedding tables and blocks of its own, and in a conditioned network a map of the
  /// preference, which modulates the embeddings and numbers. The name of the `task` whose own the input is
  /// begins their names, and numbers of other tasks are zeros (``InputSchema/numberTasks``); without one it
  /// is shared.
  public mutating func input(of task: String? = nil) -> Activation {
    interacting(
      embeddings(of: task), interactions, schema: schema, prefix: InputBlock.prefix(of: task))
  }

  private mutating func embeddings(of task: String?) -> Activation {
    let prefix = InputBlock.prefix(of: task)
    let lists = ListElements.all(of: schema) { activation(width: $0, rows: $1) }
    // Modulated numbers have slopes too, though nobody reads them.
    let isDropped = embeddingDropout > 0 && !schema.lookups.isEmpty
    let isModulated = preference != nil && lists.isEmpty && !isDropped
    let buffer = addBuffer(
      width: schema.width, slopeWidth: isModulated ? schema.width : schema.embeddingWidth)
    let read = addActivation(buffer: buffer, columns: 0..<schema.width)
    inputs.append(InputBlock(schema: schema, task: task, output: read, lists: lists))
    let whole = dropped(
      attending(read, lists, schema: schema, prefix: prefix), widths: InputFields(schema).widths,
      rate: embeddingDropout)
    guard let preference else { return whole }
    preferenceMaps[prefix] =
      dense([
        Branch(
          name: "\(prefix)preference", input: preference, width: Self.preferenceWidth,
          function: .gelu, isConditioning: true)
      ])[0]
    return modulated([whole], names: ["\(prefix)input"])[0]
  }

  /// Hidden values that a preference is mapped to.
  static let preferenceWidth = 32

  /// One fully connected layer to be built by ``dense(_:dropout:)``.
  public struct Branch {
    var name: String
    var input: Activation
    var width: Int
    var function: ActivationFunction
    var isConditioning = false
    var hasBias = true
    /// What all its biases start from.
    var firstBias: Float = 0
    /// How far from 0 its weights start; nil for what suits the function.
    var spread: Float?

    public init(name: String, input: Activation, width: Int, function: ActivationFunction) {
      self.init(
        name: name, input: input, width: width, function: function, isConditioning: false)
    }

    init(
      name: String, input: Activation, width: Int, function: ActivationFunction,
      isConditioning: Bool = false, hasBias: Bool = true, firstBias: Float = 0,
      spread: Float? = nil
    ) {
      precondition(hasBias || function == .linear, "\(name) has a function but no bias")
      self.name = name
      self.input = input
      self.width = width
      self.function = function
      self.isConditioning = isConditioning
      self.hasBias = hasBias
      self.firstBias = firstBias
      self.spread = spread
    }

    /// How its weights start: modulation with zeros, so that it changes nothing yet.
    var initialisation: Parameter.Initialisation {
      if let spread { return .uniform(spread) }
      return function != .linear ? .he : isConditioning ? .zero : .glorot
    }
  }

  /// Fully connected layers whose outputs lie side by side, in the order given.
  ///
  /// Neighbours that read the same input become one product.
  public mutating func dense(_ branches: [Branch], dropout: Double = 0) -> [Activation] {
    let width = branches.reduce(0) { $0 + $1.width }
    let kinds = Set(branches.map { buffers[$0.input.buffer].rows })
    let rows = kinds.count == 1 ? buffers[branches[0].input.buffer].rows : .impressions
    let buffer = addBuffer(width: width, slopeWidth: width, rows: rows)
    let before =
      branches.contains(where: \.function.keepsInput)
      ? addBuffer(width: width, slopeWidth: 0, rows: rows) : nil
    var outputs: [Activation] = []
    var column = 0
    for branch in branches {
      outputs.append(addActivation(buffer: buffer, columns: column..<column + branch.width))
      column += branch.width
    }
    var first = 0
    while first < branches.count {
      var end = first + 1
      while end < branches.count && branches[end].input == branches[first].input { end += 1 }
      addDense(
        Array(branches[first..<end]), outputs: Array(outputs[first..<end]), before: before,
        dropout: dropout)
      first = end
    }
    return outputs
  }

  /// The same fully connected layers on the branches' input and on another one as wide.
  mutating func dense(
    _ branches: [Branch], alsoOn other: Activation
  ) -> (first: [Activation], second: [Activation]) {
    precondition(
      branches.allSatisfy { $0.input == branches[0].input && $0.function == .linear }
        && branches[0].input.width == other.width, "linear layers of one input, and one as wide")
    let first = dense(branches)
    guard var layer = layers[layers.count - 1] as? Dense else { preconditionFailure() }
    layer.sharesWeights = true
    layers[layer.index] = layer
    let buffer = addBuffer(width: layer.output.width, slopeWidth: layer.output.width)
    let second = first.map { addActivation(buffer: buffer, columns: $0.columns) }
    layers.append(
      Dense(
        index: layers.count, input: other,
        heads: zip(layer.heads, second).map {
          Dense.Head(output: $1, weight: $0.weight, bias: $0.bias, function: $0.function)
        },
        output: addActivation(buffer: buffer, columns: layer.output.columns), beforeFunction: nil,
        dropout: 0))
    return (first, second)
  }

  /// How well each query fits its key, a column for each pair.
  mutating func attentionScores(queries: [Activation], keys: [Activation]) -> Activation {
    precondition(
      queries.count == keys.count && (queries + keys).allSatisfy { $0.width == queries[0].width },
      "pairs of queries and keys")
    let output = activation(width: queries.count)
    add { AttentionScores(index: $0, inputs: queries + keys, output: output) }
    return output
  }

  /// Fully connected layers like ``dense(_:dropout:)``'s, in a conditioned network modulated.
  public mutating func modulatedDense(_ branches: [Branch], dropout: Double = 0) -> [Activation] {
    modulated(dense(branches, dropout: dropout), names: branches.map(\.name))
  }

  /// In a conditioned network, neighbouring activations scaled and shifted as the preference asks; in
  /// others, as they are.
  ///
  /// Scales and shifts are linear in a map of the preference: that of the input whose prefix begins the
  /// activation's name, or else of the input without one.
  mutating func modulated(
    _ activations: [Activation], names: [String]
  ) -> [Activation] {
    guard preference != nil else { return activations }
    let modulations = dense(
      zip(activations, names).map { activation, name in
        Branch(
          name: "\(name)/film", input: preferenceMap(of: name), width: 2 * activation.width,
          function: .linear, isConditioning: true)
      })
    let width = activations.reduce(0) { $0 + $1.width }
    let buffer = addBuffer(width: width, slopeWidth: width)
    let first = activations[0].firstColumn
    return zip(activations, modulations).map { input, modulation in
      let output = addActivation(
        buffer: buffer, columns: input.firstColumn - first..<input.columns.upperBound - first)
      add { FiLM(index: $0, input: input, modulation: modulation, output: output) }
      return output
    }
  }

  private func preferenceMap(of name: String) -> Activation {
    let prefix = name.prefix { $0 != "/" } + "/"
    guard let map = preferenceMaps[String(prefix)] ?? preferenceMaps[""] else {
      preconditionFailure("\(name) stands on no input")
    }
    return map
  }

  /// Fully connected layers one after another: `widths` with `function` between them, modulated where
  /// the network is conditioned.
  public mutating func tower(
    name: String, from input: Activation, widths: [Int], function: ActivationFunction,
    dropout: Double = 0
  ) -> Activation {
    var current = input
    for (level, width) in widths.enumerated() {
      current =
        modulatedDense(
          [Branch(name: "\(name)/\(level)", input: current, width: width, function: function)],
          dropout: dropout)[0]
    }
    return current
  }

  /// The sum of `experts` and `detached`, equally wide, weighted by `shares`, a column an expert.
  ///
  /// No slopes go to what is detached: what reads the mixture does not train it.
  public mutating func mixture(
    of experts: [Activation], detached: [Activation] = [], shares: Activation
  ) -> Activation {
    precondition(
      !experts.isEmpty && shares.width == experts.count + detached.count,
      "one column of shares an expert")
    let width = experts[0].width
    precondition((experts + detached).allSatisfy { $0.width == width }, "experts of one width")
    let output = activation(width: width)
    add {
      GatedMixture(
        index: $0, shares: shares, experts: experts, detached: detached, output: output)
    }
    return output
  }

  /// Sums of `parts`, equally wide, one for each of them, with learned weights of these names.
  mutating func stitched(_ parts: [Activation], names: [String]) -> [Activation] {
    let width = parts[0].width
    precondition(parts.allSatisfy { $0.width == width }, "parts of one width")
    let buffer = addBuffer(width: parts.count * width, slopeWidth: parts.count * width)
    let outputs = parts.indices.map { part in
      addActivation(buffer: buffer, columns: part * width..<(part + 1) * width)
    }
    let others = Float(0.1) / Float(max(parts.count - 1, 1))
    let weights = parts.indices.map { own in
      addParameter(
        names[own], rows: 1, columns: parts.count,
        .values(parts.indices.map { $0 == own ? 0.9 : others }), serves: outputs[own])
    }
    add { CrossStitch(index: $0, inputs: parts, outputs: outputs, weightIndices: weights) }
    return outputs
  }

  /// Adds a term to the loss of `task`: `layer`, made for a place among the layers and for the term,
  /// turns the term's slopes into those of what it reads.
  mutating func auxiliaryLoss(
    of task: Int, _ layer: (_ index: Int, _ term: Activation) -> any Layer
  ) {
    let term = activation(width: 1)
    layers.append(layer(layers.count, term))
    auxiliaryLosses.append(AuxiliaryLoss(term: term, task: task))
  }

  /// The network with `logits`, one activation of width 1 a task.
  public func build(logits: [Activation], taskNames: [String]) -> Network {
    build(TaskLogits(logits), taskNames: taskNames)
  }

  func build(_ tasks: TaskLogits, taskNames: [String]) -> Network {
    precondition(
      tasks.logits.count == taskNames.count && tasks.logits.allSatisfy { $0.width == 1 })
    return Network(
      taskNames: taskNames, inputs: inputs, layers: layers, parameters: parameters,
      buffers: buffers, activations: activations, logits: tasks.logits,
      auxiliaryLosses: auxiliaryLosses, baseRates: tasks.baseRates, preference: preference)
  }

  /// An activation in a buffer of its own.
  mutating func activation(
    width: Int, hasSlopes: Bool = true, rows: ActivationRows = .impressions
  ) -> Activation {
    addActivation(
      buffer: addBuffer(width: width, slopeWidth: hasSlopes ? width : 0, rows: rows),
      columns: 0..<width)
  }

  /// Activations side by side in the columns of `whole`, which they fill.
  mutating func parts(of whole: Activation, widths: [Int]) -> [Activation] {
    precondition(widths.reduce(0, +) == whole.width, "\(widths) in \(whole.width) columns")
    var column = whole.firstColumn
    return widths.map { width in
      defer { column += width }
      return addActivation(buffer: whole.buffer, columns: column..<column + width)
    }
  }

  /// Adds the layer that `make` makes for its place among the layers.
  mutating func add(_ make: (_ index: Int) -> some Layer) { layers.append(make(layers.count)) }

  private mutating func addBuffer(
    width: Int, slopeWidth: Int, rows: ActivationRows = .impressions
  ) -> Int {
    buffers.append(ActivationBuffer(width: width, slopeWidth: slopeWidth, rows: rows))
    return buffers.count - 1
  }

  private mutating func addActivation(buffer: Int, columns: Range<Int>) -> Activation {
    activations.append(
      Activation(
        id: activations.count, buffer: buffer, firstColumn: columns.lowerBound,
        width: columns.count))
    return activations[activations.count - 1]
  }

  private mutating func addDense(
    _ branches: [Branch], outputs: [Activation], before: Int?, dropout: Double
  ) {
    let input = branches[0].input
    let weights = zip(branches, outputs).map { branch, output in
      addParameter(
        "\(branch.name)/weight", rows: branch.width, columns: input.width,
        branch.initialisation, serves: output, isConditioning: branch.isConditioning)
    }
    let biases = zip(branches, outputs).map { branch, output in
      branch.hasBias
        ? addParameter(
          "\(branch.name)/bias", rows: 1, columns: branch.width,
          branch.firstBias == 0
            ? .zero : .values(Array(repeating: branch.firstBias, count: branch.width)),
          serves: output, isBias: true, isConditioning: branch.isConditioning) : nil
    }
    let columns = outputs[0].firstColumn..<outputs[outputs.count - 1].columns.upperBound
    let output = addActivation(buffer: outputs[0].buffer, columns: columns)
    layers.append(
      Dense(
        index: layers.count, input: input,
        heads: branches.indices.map {
          Dense.Head(
            output: outputs[$0], weight: weights[$0], bias: biases[$0],
            function: branches[$0].function)
        },
        output: output,
        beforeFunction: before.map {
          addActivation(buffer: $0, columns: columns)
        },
        dropout: Float(dropout)))
  }

  mutating func addParameter(
    _ name: String, rows: Int, columns: Int, _ initialisation: Parameter.Initialisation,
    serves: Activation, isBias: Bool = false, isConditioning: Bool = false
  ) -> Int {
    parameters.append(
      Parameter(
        name: name, offset: parameterCount, rows: rows, columns: columns,
        initialisation: initialisation, serves: serves, isBias: isBias,
        isConditioning: isConditioning))
    parameterCount += rows * columns
    return parameters.count - 1
  }
}
