internal import Combiners
internal import RunConfiguration

/// One way to combine the tasks that a frontier's picture has: loss weights, or a named combiner.
struct FrontierSetting: Sendable {
  /// Where a point of the picture comes from.
  enum Source {
    /// A training with weights of its own.
    case sweep
    /// A training with a named combiner.
    case combiner
    /// One preference of a conditioned network, which one training makes for all.
    case preference
  }

  /// As people read it.
  let name: String
  let source: Source
  /// `[taskCount]`, summing to 1; nil for a named combiner.
  let weights: [Double]?
  /// Nil for a named combiner.
  let scalarisation: FrontierJob.Scalarisation?
  let combiner: RunConfiguration.Combiner

  /// The run that trains it.
  func configuration(_ base: RunConfiguration, seed: Int, epochs: Int? = nil) -> RunConfiguration {
    var run = base
    run.combiner = combiner
    run.training.seed = base.training.seed &+ UInt64(seed)
    run.training.epochs = epochs ?? base.training.epochs
    return run
  }

  /// A weighted sum of the losses.
  static func sum(_ weights: [Double], tasks: [String]) -> FrontierSetting {
    FrontierSetting(
      name: name(weights), source: .sweep, weights: weights, scalarisation: .sum,
      combiner: RunConfiguration.Combiner(
        kind: .staticWeights, settings: [.weights: .byTask(byTask(weights, tasks))]))
  }

  /// A weighted maximum of what the losses are above each task's best, over its range.
  ///
  /// With `s_i = weight_i / (worst_i − best_i)`, training minimises the smooth maximum of `s_i (L_i −
  /// best_i)`. ``STCH`` scales its weights to sum to the number of tasks, so that its smoothness scales
  /// with them; the losses it compares are averages over about a hundred steps.
  static func chebyshev(
    _ weights: [Double], between range: LossRange, tasks: [String]
  ) -> FrontierSetting {
    let scales = weights.indices.map { weights[$0] / range.widths[$0] }
    let size = scales.reduce(0, +) / Double(scales.count)
    return FrontierSetting(
      name: "max \(name(weights))", source: .sweep, weights: weights, scalarisation: .chebyshev,
      combiner: RunConfiguration.Combiner(
        kind: .stch,
        settings: [
          .weights: .byTask(byTask(scales.map { $0 / size }, tasks)),
          .lowest: .byTask(byTask(range.best, tasks)),
          .mu: .number(smoothness / size), .beta: .number(0.99),
        ]))
  }

  /// How smooth the weighted maximum is, where every loss has range 1.
  ///
  /// Averages over a hundred steps still jump by a third of that range where positives are rare; a
  /// sharper maximum follows the jumps, and every task ends up worse.
  private static let smoothness = 0.5

  /// Named combiners with the configuration's settings where it has this kind, else with their
  /// defaults; a main task that must be named is the configuration's, or the first.
  static func named(
    _ kinds: [CombinerKind], _ configuration: RunConfiguration
  ) -> [FrontierSetting] {
    kinds.map { kind in
      var combiner = configuration.combiner
      if combiner.kind != kind {
        combiner = RunConfiguration.Combiner(kind: kind)
        for setting in kind.profile.settings.map(\.setting)
        where kind.profile.settings.contains(where: { $0.setting == setting && $0.isRequired }) {
          combiner.settings[setting] =
            setting == .of
            ? .text(CombinerKind.mgda.rawValue)
            : configuration.combiner.settings[setting] ?? .text(configuration.tasks[0].name)
        }
      }
      return FrontierSetting(
        name: kind.rawValue, source: .combiner, weights: nil, scalarisation: nil,
        combiner: combiner)
    }
  }

  /// What this training of a conditioned network makes of one preference.
  func at(_ preference: [Double]) -> FrontierSetting {
    FrontierSetting(
      name: "\(name) \(Self.name(preference))", source: .preference, weights: preference,
      scalarisation: nil, combiner: combiner)
  }

  private static func byTask(_ values: [Double], _ tasks: [String]) -> [String: Double] {
    Dictionary(zip(tasks, values)) { $1 }
  }

  private static func name(_ weights: [Double]) -> String {
    weights.map { weight in
      let thousandths = Int((weight * 1_000).rounded())
      let digits = String(thousandths % 1_000 + 1_000).dropFirst()
      return "\(thousandths / 1_000).\(digits)"
    }.joined(separator: ":")
  }
}

/// How low each task's training loss comes if it is all that counts, and how high if it is not.
struct LossRange {
  /// By task, in nats.
  let best: [Double]
  /// From the best to the worst, greater than 0.
  let widths: [Double]

  /// The range over some runs; nil where a task has a loss in none.
  init?(of losses: [[Double?]], taskCount: Int) {
    var best: [Double] = []
    var widths: [Double] = []
    for task in 0..<taskCount {
      let known = losses.compactMap { $0[task] }
      guard let low = known.min(), let high = known.max() else { return nil }
      best.append(max(low, 0))
      // Where tasks help one another, the range may be next to nothing.
      widths.append(max(high - low, 0.001 * high, .leastNormalMagnitude))
    }
    self.best = best
    self.widths = widths
  }
}
