import Combiners
import Foundation
import Testing

/// A kind with settings makes the rule that its initialiser makes.
struct CombinerMakingTests {
  static let tasks = ["click", "cart"]

  /// Any number by task that no default is.
  static let byTask = SettingValue.byTask(["cart": 0.5])

  static func weightings() throws -> [(CombinerKind, CombinerSettings, any LossWeighting)] {
    [
      (
        .uncertainty, [.form: .text("residuals"), .lowest: .number(-3), .beta: .number(0.5)],
        try UncertaintyWeighting(taskCount: 2, form: .residuals, lowest: -3, beta: 0.5)
      ),
      (
        .imtlL, [.learningRate: .number(0.2), .highest: .number(3)],
        try IMTLL(taskCount: 2, learningRate: 0.2, highest: 3)
      ),
      (.imtlL, [:], try IMTLL(taskCount: 2)),
      (.gls, [:], GeometricLoss()),
      (.logSum, [:], LogLossSum()),
      (
        .dwa, [.temperature: .number(3), .window: .number(7)],
        try DWA(taskCount: 2, temperature: 3, window: 7)
      ),
      (.dwa, [:], try DWA(taskCount: 2)),
      (.rlw, [.form: .text("dirichlet")], RLW(form: .dirichlet, seed: 1)),
      (.rlw, [:], RLW(seed: 1)),
      (
        .stch,
        [
          .weights: byTask, .lowest: byTask, .mu: .number(0.3), .normalisation: .text("nadir"),
          .warmUp: .number(9),
        ],
        try STCH(
          weights: [1, 0.5], lowest: [0, 0.5], mu: 0.3, normalisation: .nadir, warmUp: 9)
      ),
      (.stch, [:], try STCH(weights: [1, 1], lowest: [0, 0])),
      (
        .famo, [.lowest: byTask, .learningRate: .number(0.3), .gamma: .number(0.1)],
        try FAMO(lowest: [0, 0.5], learningRate: 0.3, gamma: 0.1)
      ),
      (.famo, [:], try FAMO(lowest: [0, 0])),
      (
        .gradnorm, [.alpha: .number(0.12), .learningRate: .number(0.3), .warmUp: .number(9)],
        try GradNorm(taskCount: 2, alpha: 0.12, learningRate: 0.3, warmUp: 9)
      ),
      (.gradnorm, [:], try GradNorm(taskCount: 2)),
      (
        .decayed, [.weights: byTask, .gamma: byTask],
        try DecayedWeights([1, 0.5], ratios: [1, 0.5])
      ),
    ]
  }

  static func elements() throws -> [(CombinerKind, CombinerSettings, any ElementwiseCombiner)] {
    [
      (.dbMTL, [.beta: .number(0.3), .sigma: .number(2)], try DBMTL(beta: 0.3, sigma: 2)),
      (.dbMTL, [:], try DBMTL()),
      (
        .mtadam, [.main: .text("cart"), .weights: byTask, .beta: .number(0.5)],
        try MTAdam(ratios: [1, 0.5], main: 1, beta: 0.5)
      ),
      (.mtadam, [:], try MTAdam(ratios: [1, 1])),
      (.graddrop, [.leak: byTask], try GradDrop(leaks: [0, 0.5], seed: 1)),
      (
        .excessMTL, [.eta: .number(1), .warmUp: .number(9)],
        try ExcessMTL(taskCount: 2, eta: 1, warmUp: 9)
      ),
      (.excessMTL, [:], try ExcessMTL(taskCount: 2)),
      (
        .moco, [.beta: .number(1), .gamma: .number(0.3), .sigma: .number(0), .rho: .number(2)],
        try MoCo(taskCount: 2, beta: 1, gamma: 0.3, sigma: 0, rho: 2)
      ),
      (.moco, [:], try MoCo(taskCount: 2)),
    ]
  }

  static func state(_ combining: Combining) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(combining), as: UTF8.self)
  }

  @Test func `loss weightings get their settings and defaults`() throws {
    for (kind, settings, expected) in try CombinerMakingTests.weightings() {
      let made = try kind.make(settings: settings, taskNames: CombinerMakingTests.tasks, seed: 1)
      let state = try CombinerMakingTests.state(made)
      #expect(try state == CombinerMakingTests.state(.losses(expected)), "\(kind)")
    }
  }

  @Test func `element-wise combiners get their settings, defaults and scope`() throws {
    for (kind, settings, expected) in try CombinerMakingTests.elements() {
      var settings = settings
      settings[.scope] = .text("dense")
      let made = try kind.make(settings: settings, taskNames: CombinerMakingTests.tasks, seed: 1)
      let state = try CombinerMakingTests.state(made)
      #expect(
        try state == CombinerMakingTests.state(.elements(expected, scope: .dense)), "\(kind)")
      guard case .elements(_, .dense) = made else {
        Issue.record("\(kind) lost its scope")
        continue
      }
    }
  }

  @Test func `bad settings are named as the configuration names them`() throws {
    let expected: [(CombinerKind, CombinerSettings, String)] = [
      (
        .dwa, [.window: .number(2.5)],
        "combiner.window: 2.5 is not a whole number from 1 to 1000000"
      ),
      (
        .rlw, [.form: .text("even")], "combiner.form: even is not one of normal, dirichlet"
      ),
      (
        .decayed, [.gamma: .byTask(["cart": 2])],
        "combiner.gamma: 2.0 is not above 0 and at most 1"
      ),
      (
        .stch, [.lowest: .number(1)], "combiner.lowest: 1 is not a number for each task by name"
      ),
      (.gls, [.mu: .number(1)], "combiner.mu: gls takes no settings"),
    ]
    for (kind, settings, description) in expected {
      let error = #expect(throws: CombinerError.self) {
        try kind.make(settings: settings, taskNames: CombinerMakingTests.tasks, seed: 1)
      }
      #expect(error?.description == description)
    }
  }
}
