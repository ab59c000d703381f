import Combiners
import Interactions
import Networks

extension SemanticChecks {
  /// An architecture that follows the funnel: tasks that make one.
  mutating func checkFunnel() {
    guard let value = root["network"]?["architecture"],
      let architecture = value.text.flatMap(Architecture.init(rawValue:)),
      architecture.followsFunnel, !tasks.isEmpty
    else { return }
    if architecture == .asymmetric {
      let readsNone = tasks.allSatisfy { $0["reads"]?.elements.isEmpty ?? ($0["after"] == nil) }
      guard readsNone else { return }
      return report(
        value,
        "architecture asymmetric needs a task with `reads`, the tasks whose bottoms it reads "
          + "too, or with `after`")
    }
    guard tasks.allSatisfy({ $0["after"] == nil }) else { return }
    report(
      value,
      "architecture \(architecture.rawValue) needs a task with `after`, the task that must be positive "
        + "before it can be")
  }

  /// Tasks' names of others that they read, each once.
  mutating func checkReads() {
    for task in tasks {
      guard let reads = task["reads"] else { continue }
      var seen: Set<String> = []
      for other in reads.elements {
        guard let name = other.text else { continue }
        if name == task["name"]?.text {
          report(other, "a task reads its own bottom anyway")
        } else if !seen.insert(name).inserted {
          report(other, "\(name) stands there twice")
        } else {
          checkTaskName(other)
        }
      }
    }
  }

  /// Feature interactions: each kind once, over features that it suits.
  mutating func checkInteractions() {
    let blocks = root["network"]?["interactions"]?.elements ?? []
    var seen: Set<InteractionBlock.Kind> = []
    for value in blocks {
      guard let name = value.text ?? value["kind"]?.text,
        let kind = InteractionBlock.Kind(rawValue: name)
      else { continue }
      if !seen.insert(kind).inserted { report(value, "a second block of kind \(name)") }
      guard let columns = inputColumns else { continue }
      var block = InteractionBlock(kind)
      let rank = value["rank"]?.integer
      if kind == .dcn { block = .dcn(CrossNetwork(rank: rank)) }
      if let problem = block.problem(over: columns.embeddings, numbers: columns.numbers) {
        report(value["rank"] ?? value, problem)
      }
    }
  }

  /// Gates and experts: where there are some, and no more selected than there are.
  mutating func checkGates() {
    guard let network = root["network"], let name = network["architecture"]?.text else { return }
    // One that is chosen from the log may have gates over the shared experts alone.
    let architecture = Architecture(rawValue: name)
    if let architecture, !architecture.hasGates {
      let others = Architecture.withGates.map(\.rawValue).joined(separator: ", ")
      for key in ["gate", "expert_normalization"] {
        guard let value = network[key], let kind = (value["kind"] ?? value).text,
          kind != "softmax", kind != "none"
        else { continue }
        report(value, "architecture \(name) has no experts; those that have are \(others)")
      }
      return
    }
    guard let gate = network["gate"], (gate["kind"] ?? gate).text == "dselect_k" else { return }
    for (key, usual) in [("gate_temperature", 1.0), ("expert_dropout", 0)] {
      guard let value = network[key], let number = value.number, number != usual else { continue }
      report(value, "\(key) is of softmax gates; leave it out with dselect_k")
    }
    guard let shared = network["experts"]?.integer, let own = network["task_experts"]?.integer
    else { return }
    let count = architecture?.gateWidth(experts: shared, taskExperts: own, tasks: tasks.count)
    let selected = gate["selected"]?.integer ?? DSelectK().selected
    if selected > count ?? shared {
      report(
        gate["selected"] ?? gate,
        "a gate of \(name) has \(count ?? shared) experts, too few to select \(selected)")
    }
  }

  /// A combiner that can go with the architecture.
  mutating func checkRule() {
    guard let combiner = root["combiner"], let value = combiner["kind"],
      let kind = value.text.flatMap(CombinerKind.init(rawValue:)),
      let architecture = root["network"]?["architecture"]?.text.flatMap(
        Architecture.init(rawValue:))
    else { return }
    var rule = RunConfiguration.Combiner(kind: kind)
    for setting in [CombinerSetting.scope, .per] {
      rule.settings[setting] = combiner[setting.rawValue]?.text.map(SettingValue.text)
    }
    guard let problem = rule.problem(with: architecture) else { return }
    report(problem.setting.flatMap { combiner[$0.rawValue] } ?? value, problem.text)
  }

  /// What the features fill an input row with at most, flags of missing values aside; nil where that does
  /// not stand.
  private var inputColumns: (embeddings: [(feature: String, dimension: Int)], numbers: Int)? {
    var embeddings: [(feature: String, dimension: Int)] = []
    var numbers = 0
    for feature in features {
      let kind = FeatureDefinition.kind(of: feature)?.key
      guard let name = FeatureDefinition.name(of: feature),
        kind != nil || FeatureDefinition.crossed(feature) != nil
      else { return nil }
      switch kind {
      case "number" where feature["encoding"]?.text == "piecewise_linear":
        numbers += feature["bins"]?.integer ?? 1
        continue
      case "number" where feature["buckets"] == nil:
        numbers += 1
        continue
      case "vector":
        numbers += feature["length"]?.integer ?? 0
        continue
      case "rate":
        let tasks = feature["tasks"]?.elements.count ?? root["tasks"]?.elements.count ?? 0
        numbers += 2 * tasks
        continue
      default: break
      }
      var owner: CheckedValue? = feature
      if let shared = feature["shares"]?.text {
        owner = features.first { FeatureDefinition.name(of: $0) == shared }
      }
      guard let dimension = owner?["dimension"]?.integer else { return nil }
      embeddings.append((name, dimension))
    }
    return features.isEmpty ? nil : (embeddings, numbers)
  }
}
