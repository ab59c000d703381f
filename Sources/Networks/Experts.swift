// Experts in groups, and gates that mix some of the groups.

/// Experts that read the same input.
struct ExpertGroup {
  /// Begins the names of its experts.
  var name: String
  var count: Int
  var input: Activation
}

/// What mixes the experts of some groups.
struct Gate {
  var name: String
  var groups: [Int]
  /// Groups that are mixed, too, but not trained by what reads the mixture.
  var detached: [Int] = []
  var input: Activation
  /// The tasks whose losses what it costs, such as uneven use of its experts, is a part of.
  var tasks: [Int]

  /// How many experts it mixes.
  func count(over all: [ExpertGroup]) -> Int {
    (groups + detached).reduce(0) { $0 + all[$1].count }
  }
}

extension NetworkBuilder {
  /// Groups of experts, and the mixture of each gate.
  ///
  /// The experts' first layers and the gates that read the same input are one product.
  mutating func experts(
    _ groups: [ExpertGroup], gates: [Gate], _ settings: NetworkSettings
  ) -> [Activation] {
    precondition(!settings.expert.isEmpty, "an expert needs a layer")
    let last = settings.expert.count - 1
    let isNormalised = settings.expertNormalization == .layer
    func level(_ level: Int, _ inputs: [[Activation]]) -> [[Branch]] {
      zip(groups, inputs).map { group, inputs in
        inputs.enumerated().map { expert, input in
          Branch(
            name: "\(group.name)expert\(expert)/\(level)", input: input,
            width: settings.expert[level],
            function: isNormalised && level == last ? .linear : settings.activation)
        }
      }
    }
    let first = level(0, groups.map { Array(repeating: $0.input, count: $0.count) })
    let gateBranches = gates.map { branch(of: $0, over: groups, settings) }
    // Neighbours of one input become one product.
    var order: [Activation] = []
    for input in groups.map(\.input) where !order.contains(input) { order.append(input) }
    var branches: [Branch] = []
    var places: (experts: [[Int]], gates: [Int?]) = (groups.map { _ in [] }, gates.map { _ in nil })
    for input in order {
      for (group, own) in first.enumerated() where groups[group].input == input {
        places.experts[group] = Array(branches.count..<branches.count + own.count)
        branches += own
      }
      for (gate, branch) in gateBranches.enumerated() {
        guard let branch, branch.input == input else { continue }
        places.gates[gate] = branches.count
        branches.append(branch)
      }
    }
    let outputs = modulatedDense(branches, dropout: settings.dropout)
    var experts = places.experts.map { $0.map { outputs[$0] } }
    for next in settings.expert.indices.dropFirst() {
      let flat = modulatedDense(
        level(next, experts).flatMap(\.self), dropout: settings.dropout)
      var rest = flat[...]
      experts = groups.map { group in
        defer { rest = rest.dropFirst(group.count) }
        return Array(rest.prefix(group.count))
      }
    }
    if isNormalised { experts = zip(groups, experts).map { normalised($1, of: $0, settings) } }
    return zip(gates, places.gates).map { gate, place in
      let shares = shares(of: gate, over: groups, from: place.map { outputs[$0] }, settings)
      balance(shares, for: gate.tasks, settings)
      return mixture(
        of: gate.groups.flatMap { experts[$0] }, detached: gate.detached.flatMap { experts[$0] },
        shares: shares)
    }
  }

  /// The outputs of a group's experts, normalised, and then the network's function of them.
  private mutating func normalised(
    _ experts: [Activation], of group: ExpertGroup, _ settings: NetworkSettings
  ) -> [Activation] {
    experts.enumerated().map { expert, output in
      normalised(
        output, widths: [output.width], name: "\(group.name)expert\(expert)/norm",
        function: settings.activation, dropout: settings.dropout)
    }
  }

  /// What a gate computes of its input; nil where it looks at none.
  private func branch(
    of gate: Gate, over groups: [ExpertGroup], _ settings: NetworkSettings
  ) -> Branch? {
    let count = gate.count(over: groups)
    switch settings.gate {
    case .softmax:
      return Branch(name: gate.name, input: gate.input, width: count, function: .linear)
    case .dselectK(let selection):
      guard !selection.isStatic else { return nil }
      return Branch(
        name: gate.name, input: gate.input, width: selection.codeWidth(of: count),
        function: .linear, spread: selection.spread)
    }
  }

  /// The shares of a gate's experts, of what it computed of its input, if it looks at one.
  private mutating func shares(
    of gate: Gate, over groups: [ExpertGroup], from computed: Activation?,
    _ settings: NetworkSettings
  ) -> Activation {
    let count = gate.count(over: groups)
    switch settings.gate {
    case .softmax:
      guard let computed else { preconditionFailure("\(gate.name) computes nothing") }
      return softmaxShares(
        of: computed, temperature: settings.gateTemperature, dropout: settings.expertDropout)
    case .dselectK(let selection):
      let codes =
        computed
        ?? modulatedConstants(
          name: gate.name, width: selection.codeWidth(of: count), spread: selection.spread)
      return selectedShares(by: codes, of: count, for: gate.tasks, selection)
    }
  }

  /// Adds what uneven use of a gate's experts costs to the losses of `tasks`, in equal parts.
  private mutating func balance(
    _ shares: Activation, for tasks: [Int], _ settings: NetworkSettings
  ) {
    guard settings.loadBalancing > 0 else { return }
    for task in tasks {
      auxiliaryLoss(of: task) { index, term in
        LoadBalancing(
          index: index, shares: shares, weight: settings.loadBalancing / Double(tasks.count),
          term: term)
      }
    }
  }
}
