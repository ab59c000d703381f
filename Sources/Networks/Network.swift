/// A compiled network: layers in order, and for everything in it the tasks that depend on it.
///
/// It holds no numbers: weights are ``Weights``, activations live in a ``Workspace``.
public struct Network: Sendable {
  public let taskNames: [String]
  public let inputs: [InputBlock]
  public let layers: [any Layer]
  public let parameters: [Parameter]
  /// One activation of width 1 a task.
  public let logits: [Activation]
  /// Terms beside the tasks' losses; empty for most networks.
  public let auxiliaryLosses: [AuxiliaryLoss]
  /// Where each task's base rate goes.
  package let baseRates: [BaseRatePlace]
  /// Where a conditioned network is told the preference, one row of width ``taskCount``; nil where it
  /// is told none.
  package let preference: Activation?
  package let buffers: [ActivationBuffer]
  /// In the order of their ids.
  package let activations: [Activation]
  /// The tasks whose losses depend on an activation, ascending, by ``Activation/id``.
  package let activationTasks: [[Int]]
  /// For each input of each layer, the tasks for which no later layer hands slopes to it.
  package let firstWriters: [[[Int]]]
  /// The last layer that reads an activation, by ``Activation/id``.
  package let lastReaders: [Int?]
  /// Outputs and the tasks that do not depend on them although they depend on a neighbour in the same
  /// buffer: there the slopes are zero.
  package let idleSlopes: [(activation: Activation, task: Int)]
  /// The shared representation: activations of several tasks that single-task layers alone read.
  ///
  /// Experts' outputs, or the bottom's, or the inputs where tasks share nothing else; empty where they share
  /// nothing. A task's own logit is none, whichever losses depend on it.
  public let representation: [Activation]
  /// The buffers in which layers put the representation, some with a single task's activations beside it.
  package var representationBuffers: Set<Int> {
    Set(representation.map(\.buffer)).subtracting(inputs.map(\.output.buffer))
  }
  /// The first layer that comes after the representation.
  package let firstHeadLayer: Int
  /// The layers that logits depend on, in order: what scoring runs.
  package let scoringLayers: [any Layer]

  public var taskCount: Int { taskNames.count }
  /// Whether it takes a ``Preference``, so that one set of weights holds a whole Pareto frontier.
  public var isConditioned: Bool { preference != nil }
  /// Length of the flat vector of dense parameters.
  public var parameterCount: Int { parameters.last?.range.upperBound ?? 0 }

  init(
    taskNames: [String], inputs: [InputBlock], layers: [any Layer], parameters: [Parameter],
    buffers: [ActivationBuffer], activations: [Activation], logits: [Activation],
    auxiliaryLosses: [AuxiliaryLoss], baseRates: [BaseRatePlace], preference: Activation?
  ) {
    var reach = [Set<Int>](repeating: [], count: activations.count)
    var lastReaders = [Int?](repeating: nil, count: activations.count)
    var firstWriters = layers.map { $0.inputs.map { _ in [Int]() } }
    for (task, logit) in logits.enumerated() { reach[logit.id].insert(task) }
    for loss in auxiliaryLosses { reach[loss.term.id].insert(loss.task) }
    let parts = activations.map { whole in
      activations.filter {
        $0.buffer == whole.buffer && !$0.columns.isEmpty && whole.columns.contains($0.columns)
      }.map(\.id)
    }
    for (index, layer) in layers.enumerated().reversed() {
      let tasks = layer.outputs.reduce(into: Set<Int>()) { $0.formUnion(reach[$1.id]) }
      for (position, input) in layer.inputs.enumerated() {
        firstWriters[index][position] = tasks.subtracting(reach[input.id]).sorted()
        // Who reads several outputs as one reads each.
        for part in parts[input.id] { reach[part].formUnion(tasks) }
        if lastReaders[input.id] == nil { lastReaders[input.id] = index }
      }
    }
    // Those of an input are the tasks of all who read a part of it.
    for input in inputs {
      for part in parts[input.output.id] { reach[input.output.id].formUnion(reach[part]) }
    }
    // A layer's outputs taken as one have the tasks of all.
    let outputs = layers.flatMap(\.outputs) + inputs.map(\.output)
    for activation in activations {
      for output in outputs where activation.overlaps(output) {
        if !outputs.contains(activation) { reach[activation.id].formUnion(reach[output.id]) }
      }
    }
    var buffers = buffers
    for activation in activations {
      buffers[activation.buffer].tasks =
        Set(buffers[activation.buffer].tasks).union(reach[activation.id]).sorted()
    }
    let representation = (inputs.map(\.output) + layers.flatMap(\.outputs)).filter { output in
      let readers = layers.filter { $0.inputs.contains(where: output.overlaps) }
      return reach[output.id].count > 1 && !buffers[output.buffer].hasOneRow
        && !baseRates.contains { $0.logit == output }
        && readers.allSatisfy { $0.outputs.allSatisfy { reach[$0.id].count <= 1 } }
    }
    self.representation = representation
    firstHeadLayer =
      (layers.lastIndex { $0.outputs.contains(where: representation.contains) } ?? -1) + 1
    self.taskNames = taskNames
    self.preference = preference
    self.inputs = inputs
    self.layers = layers
    scoringLayers = Self.layers(layers, behind: logits)
    self.logits = logits
    self.auxiliaryLosses = auxiliaryLosses
    self.baseRates = baseRates
    self.buffers = buffers
    self.activations = activations
    self.firstWriters = firstWriters
    self.lastReaders = lastReaders
    self.parameters = parameters.map { parameter in
      var parameter = parameter
      parameter.tasks = reach[parameter.serves.id].sorted()
      return parameter
    }
    activationTasks = reach.map { $0.sorted() }
    idleSlopes = outputs.flatMap { output in
      buffers[output.buffer].tasks.filter { !reach[output.id].contains($0) }.map { (output, $0) }
    }
  }

  /// The layers that compute `activations` or what they depend on.
  private static func layers(
    _ layers: [any Layer], behind activations: [Activation]
  ) -> [any Layer] {
    var needed = activations
    var found: [any Layer] = []
    for layer in layers.reversed()
    where layer.outputs.contains(where: { output in needed.contains(where: output.overlaps) }) {
      needed += layer.inputs + layer.detached
      found.append(layer)
    }
    return found.reversed()
  }

  /// Multiply-adds of all products on a row's way forward; the way back takes about twice as many.
  ///
  /// Those on what a network makes of the preference, once a pass, are left out; lists whose elements
  /// are weighted count as if they were as long as allowed.
  public var multiplyAdds: Int {
    layers.reduce(0) { sum, layer in
      let kinds = layer.outputs.map { buffers[$0.buffer].rows }
      return sum
        + (kinds.allSatisfy { $0 == .one }
          ? 0 : layer.multiplyAdds * (kinds.map(\.perImpression).max() ?? 1))
    }
  }

  /// Whether two or more task losses depend on an activation.
  package func isShared(_ activation: Activation) -> Bool {
    activationTasks[activation.id].count > 1
  }

  /// The parameters that compute the representation: those of the last shared layer.
  ///
  /// Empty where no parameters do, as where one gate for all tasks sums up experts, and where some task
  /// does not read all of it, as where tasks follow others: these share their inputs, and beyond them
  /// what some hand on to some.
  public var lastSharedParameters: [Int] {
    let isCommon = representation.allSatisfy { activationTasks[$0.id].count == taskCount }
    guard isCommon else { return [] }
    return parameters.indices.filter { representation.contains(parameters[$0].serves) }
  }

  /// Columns of the slopes of input block `index`; its embeddings' are the first.
  public func slopeWidth(ofInput index: Int) -> Int {
    buffers[inputs[index].output.buffer].slopeWidth
  }

  /// Floats of the embeddings of all elements that stay apart in a row of input block `index`, at most.
  public func elementWidth(ofInput index: Int) -> Int {
    inputs[index].lists.reduce(0) { $0 + $1.longest * $1.embeddings.width }
  }

  /// Every mixture of experts, attention left out: its shares, `[rows, expertCount]`, and the tasks that
  /// it serves, ascending.
  package var mixtures: [(shares: Activation, tasks: [Int])] {
    let scores = layers.compactMap { ($0 as? AttentionScores)?.output }
    let attention = layers.compactMap { $0 as? SoftmaxShares }
      .filter { scores.contains($0.logits) }.map(\.shares)
    return layers.compactMap { $0 as? GatedMixture }.filter { !attention.contains($0.shares) }
      .map { ($0.shares, activationTasks[$0.output.id]) }
  }

  /// The tasks whose losses reach the tables of input block `index`, ascending.
  public func tasks(ofInput index: Int) -> [Int] { activationTasks[inputs[index].output.id] }
}
