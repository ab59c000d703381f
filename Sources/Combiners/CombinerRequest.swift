/// A combiner that a run configuration can name; see ``CombinerKind``.
protocol NamedCombiner {
  /// What lists, help and the schema say of it.
  static var profile: CombinerProfile { get }
  /// A fresh combiner with the settings, tasks and seed of a run.
  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining
}

/// What a run asks of a combiner: its settings, for which tasks, from which seed.
struct CombinerRequest {
  let kind: CombinerKind
  let settings: CombinerSettings
  let taskNames: [String]
  /// Fixes what a combiner draws at random.
  let seed: UInt64

  var taskCount: Int { taskNames.count }

  /// A number, as given or as usual.
  func number(_ setting: CombinerSetting) throws(CombinerError) -> Double {
    guard let value = try value(setting) else {
      throw .missingSetting(name: setting.rawValue, combiner: kind.rawValue)
    }
    guard case .number(let number) = value else {
      throw .badSetting(name: setting.rawValue, value: "\(value)", expected: "a number")
    }
    return number
  }

  /// A number, nil where none is given and none is usual.
  func optionalNumber(_ setting: CombinerSetting) throws(CombinerError) -> Double? {
    try value(setting) == nil ? nil : number(setting)
  }

  /// A whole number, as given or as usual.
  func whole(_ setting: CombinerSetting) throws(CombinerError) -> Int {
    let number = try number(setting)
    guard let form = profile(of: setting)?.form, case .whole(let range) = form else {
      preconditionFailure("\(setting) is no whole number of \(kind)")
    }
    guard let whole = Int(exactly: number), range.contains(whole) else {
      throw .badSetting(
        name: setting.rawValue, value: "\(SettingValue.number(number))", expected: "\(form)")
    }
    return whole
  }

  /// One of an enumeration's cases, as given or as usual.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ setting: CombinerSetting, of type: Choice.Type = Choice.self
  ) throws(CombinerError) -> Choice {
    guard let value = try value(setting) else {
      throw .missingSetting(name: setting.rawValue, combiner: kind.rawValue)
    }
    guard case .text(let text) = value, let choice = Choice(rawValue: text) else {
      throw .badSetting(
        name: setting.rawValue, value: "\(value)",
        expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// The number of the named task.
  func task(_ setting: CombinerSetting) throws(CombinerError) -> Int {
    guard let task = try optionalTask(setting) else {
      throw .missingSetting(name: setting.rawValue, combiner: kind.rawValue)
    }
    return task
  }

  /// The number of the named task, nil where none is named.
  func optionalTask(_ setting: CombinerSetting) throws(CombinerError) -> Int? {
    guard let value = settings[setting] else { return nil }
    guard let index = taskNames.firstIndex(of: "\(value)") else {
      throw .unknownTask("\(value)", known: taskNames)
    }
    return index
  }

  /// Numbers in the order of the tasks; a task that is not named has the usual one.
  func byTask(_ setting: CombinerSetting) throws(CombinerError) -> [Double] {
    guard case .number(let usual)? = profile(of: setting)?.usual else {
      preconditionFailure("\(setting) is no setting by task of \(kind)")
    }
    guard let value = settings[setting] else {
      return Array(repeating: usual, count: taskCount)
    }
    guard case .byTask(let named) = value else {
      throw .badSetting(
        name: setting.rawValue, value: "\(value)", expected: "a number for each task by name")
    }
    for name in named.keys.sorted() where !taskNames.contains(name) {
      throw .unknownTask(name, known: taskNames)
    }
    return taskNames.map { named[$0] ?? usual }
  }

  /// A gradient combiner with the scope, granularity and cadence that the run asks for.
  func using(_ rule: some GradientCombiner) throws(CombinerError) -> Combining {
    let every = try whole(.every)
    if let scope = kind.profile.onlyScope {
      return .gradients(rule, GradientUse(scope: scope, every: every))
    }
    let scope: GradientScope = try choice(.scope)
    guard scope != .representation || !rule.needsHalves else {
      throw .badSetting(
        name: "scope", value: scope.rawValue,
        expected:
          "all or dense, because \(kind.rawValue) compares gradients of two halves of a batch")
    }
    guard try choice(.per, of: CombinerProfile.Granularity.self) == .block else {
      return .gradients(rule, GradientUse(scope: scope, every: every))
    }
    guard every == 1 else {
      throw .badSetting(
        name: "every", value: "\(every)",
        expected: "1, because weights of each block leave no single weighted pass: "
          + "set combiner.per to network")
    }
    guard scope != .representation, !rule.needsHalves else {
      throw .badSetting(
        name: "per", value: "block",
        expected: rule.needsHalves
          ? "network, which \(kind.rawValue) needs" : "network, as scope representation needs")
    }
    return .elements(PerBlock(rule), scope: scope)
  }

  /// An element-wise combiner with the scope that the run asks for.
  func using(elementwise rule: some ElementwiseCombiner) throws(CombinerError) -> Combining {
    .elements(rule, scope: try choice(.scope))
  }

  private func value(_ setting: CombinerSetting) throws(CombinerError) -> SettingValue? {
    settings[setting] ?? profile(of: setting)?.usual
  }

  private func profile(of setting: CombinerSetting) -> SettingProfile? {
    kind.profile.settings.first { $0.setting == setting }
  }
}
