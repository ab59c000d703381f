internal import Interactions
internal import Networks
internal import RunConfiguration

extension RunConfiguration {
  /// The line of a key that has no effect, if it is one.
  func idleSetting(_ path: String) -> String? {
    let isOfTask = path.hasPrefix("tasks.") && path.hasSuffix(".reads")
    return idleSettings.first { $0.hasPrefix("\(isOfTask ? "tasks.reads" : path) has no effect") }
  }

  /// A line for each setting that says something about networks of other architectures alone.
  ///
  /// Widths and the number of shared experts don't count: a configuration that is tried with several
  /// architectures has them all.
  var idleSettings: [String] {
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
