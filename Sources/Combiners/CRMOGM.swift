/// Smooths the weights of another gradient combiner over the steps.
///
/// `w ← α w + (1 − α) ŵ` with the other rule's `ŵ`: weights that follow one batch's noise less are less
/// correlated with its gradients, which is what the convergence of such rules suffers from. A task's
/// weight starts as the rule first gives it, and stays as it is while the task is absent.
///
/// Zhou, Zhang, Jiang, Zhong, Gu, Zhu: *On the Convergence of Stochastic Multi-Objective Gradient
/// Manipulation and Beyond*, NeurIPS 2022, Algorithm 1.
/// <https://proceedings.neurips.cc/paper_files/paper/2022/hash/f91bd64a3620aad8e70a27ad9cb3ca57-Abstract-Conference.html>
/// The paper's `α` may change from step to step and its weights start on the simplex; here `α` is fixed,
/// with a default of 0.9.
public struct CRMOGM<Rule: GradientCombiner>: GradientCombiner {
  /// The rule whose weights are smoothed.
  public private(set) var rule: Rule
  /// How much of the weights a step keeps.
  public let alpha: Double
  /// `[taskCount]`; nil for tasks that have not been present yet.
  private var smoothed: [Double?]

  /// Creates the rule; `alpha` lies in `0..<1`.
  public init(_ rule: Rule, taskCount: Int, alpha: Double = 0.9) throws(CombinerError) {
    try CombinerError.check(alpha, named: .alpha, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    self.rule = rule
    self.alpha = alpha
    smoothed = Array(repeating: nil, count: taskCount)
  }

  public var needsHalves: Bool { rule.needsHalves }
  public var unsolvedSteps: Int { rule.unsolvedSteps }

  public mutating func weights(for step: GradientStep) throws(CombinerError) -> [Double] {
    let found = try rule.weights(for: step)
    return zip(step.tasks, found).map { task, weight in
      let next = smoothed[task].map { alpha * $0 + (1 - alpha) * weight } ?? weight
      smoothed[task] = next
      return next
    }
  }
}

/// ``CRMOGM`` around the gradient combiner that the setting `of` names.
enum SmoothedCombiner: NamedCombiner {
  static let profile = CombinerProfile(
    title: "CR-MOGM", family: .gradients,
    summary: "smooths the weights of another gradient combiner over the steps",
    paper: "Zhou et al., NeurIPS 2022",
    link: "https://proceedings.neurips.cc/paper_files/paper/2022/hash/"
      + "f91bd64a3620aad8e70a27ad9cb3ca57-Abstract-Conference.html",
    settings: [
      SettingProfile(
        setting: .of, form: .choice(kinds.map(\.rawValue)), usual: nil,
        summary: "The combiner whose weights are smoothed; its own settings are the usual ones.",
        isRequired: true),
      .main("The main task of a combiner that has one.", isRequired: false),
      .number(
        .alpha, usual: 0.9, from: 0, below: 1, "How much of the weights a step keeps."),
    ])

  /// The combiners that it can smooth.
  static let kinds = CombinerKind.allCases.filter {
    $0 != .crMOGM && $0.profile.family == .gradients && $0.profile.onlyScope == nil
  }

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    let kind: CombinerKind = try request.choice(.of)
    guard kinds.contains(kind) else {
      throw .badSetting(
        name: CombinerSetting.of.rawValue, value: kind.rawValue,
        expected: "one of " + kinds.map(\.rawValue).joined(separator: ", "))
    }
    let taken = kind.profile.ownSettings.map(\.setting)
    if request.settings[.main] != nil, !taken.contains(.main) {
      throw .unusedSetting(
        name: CombinerSetting.main.rawValue, combiner: kind.rawValue,
        taken: taken.map(\.rawValue))
    }
    var settings = CombinerSettings()
    for setting in taken { settings[setting] = request.settings[setting] }
    settings[.per] = .text(CombinerProfile.Granularity.network.rawValue)
    let inner = try kind.make(
      settings: settings, taskNames: request.taskNames, seed: request.seed)
    guard case .gradients(let rule, _) = inner else {
      preconditionFailure("\(kind) is no gradient combiner")
    }
    return try smooth(rule, request)
  }

  private static func smooth(
    _ rule: some GradientCombiner, _ request: CombinerRequest
  ) throws(CombinerError) -> Combining {
    try request.using(
      CRMOGM(rule, taskCount: request.taskCount, alpha: request.number(.alpha)))
  }
}
