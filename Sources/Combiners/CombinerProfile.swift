/// What lists, help and the run configuration's schema say of a combiner.
public struct CombinerProfile: Sendable {
  /// The method's name as its paper writes it.
  public var title: String
  public var family: Family
  /// What it does, as a phrase.
  public var summary: String
  /// Authors, venue, year.
  public var paper: String
  public var link: String
  /// What it can't do without, beside labels: a main task, losses above zero.
  public var needs: String?
  /// Backward passes of a step with `K` tasks.
  public var passes: String
  /// Memory beside static weights' with `K` tasks and `P` shared parameters that a step touches.
  public var memory: String
  /// Its own settings.
  var ownSettings: [SettingProfile]
  /// Whether a gradient combiner acts on all shared parameters as one or on each block, unless told.
  public var usualGranularity: Granularity
  /// The only scope that the method knows; nil lets a run choose.
  var onlyScope: GradientScope?

  /// What a combiner needs to see of a step, and so what a step costs.
  public enum Family: String, CaseIterable, Codable, Sendable {
    /// Losses alone: one backward pass.
    case losses
    /// The inner products of the tasks' gradients: a backward pass for each task.
    case gradients
    /// The tasks' gradients element by element: a backward pass for each task.
    case elements
  }

  /// Whether a gradient combiner acts on all shared parameters as one, or on each block by itself.
  public enum Granularity: String, CaseIterable, Codable, Sendable { case network, block }

  init(
    title: String, family: Family, summary: String, paper: String, link: String,
    needs: String? = nil, passes: String? = nil, memory: String? = nil,
    settings: [SettingProfile] = [], usualGranularity: Granularity = .network,
    onlyScope: GradientScope? = nil
  ) {
    self.title = title
    self.family = family
    self.summary = summary
    self.paper = paper
    self.link = link
    self.needs = needs
    self.passes = passes ?? (family == .losses ? "1" : "K")
    self.memory = memory ?? (family == .losses ? "K" : "K·P")
    ownSettings = settings
    self.usualGranularity = usualGranularity
    self.onlyScope = onlyScope
  }

  /// All its settings: its own, then those that every method of its family takes.
  public var settings: [SettingProfile] {
    let every = SettingProfile.whole(
      .every, usual: 1, in: 1...1_000_000,
      "Find the weights in every so many-th step; steps in between cost what static weights do.")
    let shared: [SettingProfile] =
      switch (family, onlyScope) {
      case (.losses, _): []
      case (.gradients, .some): [every]
      case (.gradients, nil):
        [
          .choice(
            .scope, GradientScope.self, usual: .all,
            "The gradients' parameters: all shared ones, dense ones, or the representation."),
          .choice(
            .per, Granularity.self, usual: usualGranularity,
            "Weights for the whole network, or for each block of parameters."),
          every,
        ]
      case (.elements, _):
        [
          .choice(
            .scope, [GradientScope.all, .dense].map(\.rawValue), usual: GradientScope.all.rawValue,
            "The parameters that it acts on; the others get the sum of the gradients.")
        ]
      }
    return ownSettings + shared
  }
}

extension CombinerProfile {
  /// Whether the method serves one main task.
  public var hasMain: Bool { ownSettings.contains { $0.setting == .main && $0.isRequired } }
}

extension SettingProfile.Form: CustomStringConvertible {
  /// As a phrase: “a number in 0..<1”.
  public var description: String {
    switch self {
    case .number(let low, let includesLow, let high, let includesHigh):
      switch (low, high) {
      case (nil, nil): "a number"
      case (let low?, nil): "a number \(includesLow ? "≥" : ">") \(SettingValue.number(low))"
      case (nil, let high?): "a number \(includesHigh ? "≤" : "<") \(SettingValue.number(high))"
      case (let low?, let high?):
        "a number \(includesLow ? "≥" : ">") \(SettingValue.number(low)) and "
          + "\(includesHigh ? "≤" : "<") \(SettingValue.number(high))"
      }
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): words.joined(separator: ", ")
    case .task: "a task"
    case .byTask(let low, let includesLow):
      "a number \(includesLow ? "≥" : ">") \(SettingValue.number(low)) by task"
    }
  }
}

/// One setting of a combiner: what may be written, and what is meant if nothing is.
public struct SettingProfile: Sendable {
  public var setting: CombinerSetting
  public var form: Form
  /// Nil where the setting must be given or its absence means something of its own.
  public var usual: SettingValue?
  /// What it does, as one sentence.
  public var summary: String
  public var isRequired: Bool

  /// What may be written.
  public enum Form: Sendable, Equatable {
    /// A number; a bound is excluded where its `includes` is false, nil where there is none.
    case number(low: Double?, includesLow: Bool, high: Double?, includesHigh: Bool)
    case whole(ClosedRange<Int>)
    case choice([String])
    /// The name of a task.
    case task
    /// A number at or above `low` for some of the tasks, by name.
    case byTask(low: Double, includesLow: Bool)
  }

  /// The name of the task that the others serve.
  static func main(_ summary: String, isRequired: Bool = true) -> SettingProfile {
    SettingProfile(
      setting: .main, form: .task, usual: nil, summary: summary, isRequired: isRequired)
  }

  /// A number in `from...through`, or with `above` or `below` instead of an end that is excluded.
  static func number(
    _ setting: CombinerSetting, usual: Double?, from: Double? = nil, above: Double? = nil,
    through: Double? = nil, below: Double? = nil, _ summary: String
  ) -> SettingProfile {
    SettingProfile(
      setting: setting,
      form: .number(
        low: from ?? above, includesLow: above == nil, high: through ?? below,
        includesHigh: below == nil),
      usual: usual.map(SettingValue.number), summary: summary, isRequired: false)
  }

  /// A whole number.
  static func whole(
    _ setting: CombinerSetting, usual: Int, in range: ClosedRange<Int>, _ summary: String
  ) -> SettingProfile {
    SettingProfile(
      setting: setting, form: .whole(range), usual: .number(Double(usual)), summary: summary,
      isRequired: false)
  }

  /// One of some words.
  static func choice(
    _ setting: CombinerSetting, _ words: [String], usual: String, _ summary: String
  ) -> SettingProfile {
    SettingProfile(
      setting: setting, form: .choice(words), usual: .text(usual), summary: summary,
      isRequired: false)
  }

  /// One of an enumeration's cases.
  static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ setting: CombinerSetting, _ type: Choice.Type, usual: Choice, _ summary: String
  ) -> SettingProfile {
    choice(setting, Choice.allCases.map(\.rawValue), usual: usual.rawValue, summary)
  }

  /// Numbers by task; a task left out has `usual`.
  static func byTask(
    _ setting: CombinerSetting, usual: Double, from: Double? = nil, above: Double? = nil,
    _ summary: String
  ) -> SettingProfile {
    SettingProfile(
      setting: setting, form: .byTask(low: from ?? above ?? 0, includesLow: above == nil),
      usual: .number(usual), summary: summary, isRequired: false)
  }
}
