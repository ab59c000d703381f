extension NetworkBuilder {
  /// Experts that all tasks share, mixed for each task by a gate of its own, and a tower for each.
  ///
  /// Gates read the input and are linear. The experts' first layers and all gates are one product.
  /// Ma, Zhao, Yi, Chen, Hong, Chi: *Modeling Task Relationships in Multi-task Learning with
  /// Multi-gate Mixture-of-Experts*, KDD 2018, section 4.2.
  mutating func mmoe(_ tasks: [String], _ settings: NetworkSettings) -> [Activation] {
    let input = input()
    precondition(!settings.expert.isEmpty, "an expert needs a layer")
    let gates = tasks.map {
      Branch(name: "\($0)/gate", input: input, width: settings.experts, function: .linear)
    }
    func level(_ level: Int, from inputs: [Activation]) -> [Branch] {
      inputs.enumerated().map { expert, input in
        Branch(
          name: "expert\(expert)/\(level)", input: input, width: settings.expert[level],
          function: settings.activation)
      }
    }
    let first = modulatedDense(
      level(0, from: Array(repeating: input, count: settings.experts)) + gates,
      dropout: settings.dropout)
    var experts = Array(first[..<settings.experts])
    for next in settings.expert.indices.dropFirst() {
      experts = modulatedDense(level(next, from: experts), dropout: settings.dropout)
    }
    return tasks.enumerated().map { index, task in
      let mixed = mixture(of: experts, gate: first[settings.experts + index])
      return tower(task, from: mixed, settings)
    }
  }
}
