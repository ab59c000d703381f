internal import Combiners
internal import Interactions
internal import Networks
internal import Optimizers
internal import RunConfiguration

extension RunConfiguration {
  /// The line of a key that has no effect, if it is one.
  func idleSetting(_ path: String) -> String? {
    var keys = [path]
    let steps = path.split(separator: ".").map(String.init)
    if steps.count == 3, steps[0] == "tasks" {
      let index = Int(steps[1]) ?? -1
      let name = tasks.indices.contains(index) ? tasks[index].name : steps[1]
      keys = ["tasks.\(steps[2])", "tasks.\(name).\(steps[2])"]
    }
    return idleSettings.first { line in keys.contains { line.hasPrefix("\($0) has no effect") } }
  }

  /// A line for each setting that changes nothing beside the others.
  ///
  /// Widths and the number of shared experts don't count: a configuration that is tried with several
  /// architectures has them all.
  var idleSettings: [String] { idleNetworkSettings + idleTaskSettings + idleOptimizerSettings }

  /// Weights that the combiner doesn't take, and learning rates of what no task trains alone.
  private var idleTaskSettings: [String] {
    var lines: [String] = []
    var named: Set<String> = []
    if case .byTask(let weights)? = combiner.settings[.weights] { named = Set(weights.keys) }
    for task in tasks where task.weight != 1 {
      if !combiner.takesTaskWeights {
        lines.append(
          "tasks.\(task.name).weight has no effect with combiner \(combiner.kind.rawValue): it is a "
            + "setting of static, conditioned")
      } else if named.contains(task.name) {
        lines.append("tasks.\(task.name).weight has no effect: combiner.weights has another for it")
      }
    }
    let settings = network.settings
    let trainsFollowed =
      switch network.architecture {
      case .esmm: true
      // Each of its imputation towers is one task's.
      case .escm2: settings.counterfactual == .inversePropensity
      case .aitm: settings.calibrator > 0
      default: false
      }
    if network.automatic == nil, trainsFollowed {
      for task in tasks
      where task.learningRate ?? 1 != 1 && tasks.contains(where: { $0.after == task.name }) {
        lines.append(
          "tasks.\(task.name).learning_rate has no effect with architecture "
            + "\(network.architecture.rawValue): the tasks after it train all that it does")
      }
    }
    return lines
  }

  /// What an optimizer is told and MTAdam, which takes its place for what tasks share, does not heed.
  private var idleOptimizerSettings: [String] {
    guard combiner.kind == .mtadam else { return [] }
    let rule = optimizer.rule
    let settings = [
      ("optimizer.kind", !rule.kind.isAdam), ("optimizer.clip_norm", optimizer.clipNorm != nil),
      ("optimizer.embeddings.beta1", rule.embeddings.beta1 != nil),
    ]
    return settings.filter(\.1).map {
      "\($0.0) has no effect on what tasks share with combiner mtadam, which is an optimizer itself"
    }
  }

  /// Settings that say something about networks of other architectures alone.
  private var idleNetworkSettings: [String] {
    guard network.automatic == nil else { return [] }
    let (settings, usual) = (network.settings, NetworkSettings())
    func isSet<Value: Equatable>(_ key: KeyPath<NetworkSettings, Value>) -> Bool {
      settings[keyPath: key] != usual[keyPath: key]
    }
    let places: [(key: String, isSet: Bool, architectures: [Architecture])] = [
      ("tasks.reads", tasks.contains { $0.reads != nil }, [.asymmetric]),
      ("own", features.contains { $0.rate?.isOwn == true }, [.singleTask, .stem]),
      ("network.task_experts", isSet(\.taskExperts), [.cgc, .ple, .stem]),
      ("network.levels", isSet(\.levels), [.ple]),
      ("network.gate_temperature", isSet(\.gateTemperature), Architecture.withGates),
      ("network.expert_dropout", isSet(\.expertDropout), Architecture.withGates),
      ("network.load_balancing", isSet(\.loadBalancing), Architecture.withGates),
      ("network.calibrator", isSet(\.calibrator), [.aitm]),
      ("network.counterfactual", isSet(\.counterfactual), [.escm2]),
      ("network.counterfactual_weight", isSet(\.counterfactualWeight), [.escm2]),
      ("network.propensity_floor", isSet(\.propensityFloor), [.escm2]),
    ]
    return places.filter { $0.isSet && !$0.architectures.contains(network.architecture) }.map {
      let names = $0.architectures.map(\.rawValue).joined(separator: ", ")
      return "\($0.key) has no effect with architecture \(network.architecture.rawValue): "
        + "it is a setting of \(names)"
    }
  }
}
