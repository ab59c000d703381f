import Combiners
import Interactions
import Networks
import TestSupport
import Testing
import Training

/// Gradients of architectures along funnels of every shape, and of their auxiliary losses.
struct FunnelGradientTests {
  static let branching = Funnel(predecessors: [nil, 0, 0])
  /// Predecessors that come later in the order of the tasks.
  static let backward = Funnel(predecessors: [1, 2, nil])

  static func settings(_ change: (inout NetworkSettings) -> Void) -> NetworkSettings {
    var settings = GradientTests.settings
    change(&settings)
    return settings
  }

  @Test(
    arguments: [Architecture.asymmetric, .esmm, .escm2, .aitm],
    [branching, backward, Funnel.none(taskCount: 3), Funnel(predecessors: [nil, nil, 1])])
  func `equal central differences along any funnel`(
    architecture: Architecture, funnel: Funnel
  ) throws {
    // Some of the propensities lie below the floor.
    let settings = FunnelGradientTests.settings { $0.propensityFloor = 0.45 }
    try GradientTests.expectCentralDifferences(architecture, settings, funnel)
  }

  @Test(arguments: [
    (Architecture.escm2, settings { $0.counterfactual = .doublyRobust }),
    (.escm2, settings { ($0.counterfactual, $0.counterfactualWeight) = (.doublyRobust, 0.3) }),
    (.escm2, settings { $0.counterfactualWeight = 0 }), (.aitm, settings { $0.calibrator = 0 }),
    (.aitm, settings { $0.calibrator = 3 }), (.aitm, settings { $0.bottom = [] }),
    (.asymmetric, settings { $0.bottom = [] }),
  ])
  func `equal central differences with any auxiliary loss`(
    architecture: Architecture, settings: NetworkSettings
  ) throws {
    try GradientTests.expectCentralDifferences(architecture, settings, TinyLog.funnel)
  }

  @Test(arguments: [Architecture.asymmetric, .esmm, .escm2, .aitm])
  func `of an absent task are none, also after a step that had it`(
    architecture: Architecture
  ) throws {
    let settings = FunnelGradientTests.settings { $0.counterfactual = .doublyRobust }
    let funnel = FunnelGradientTests.branching
    let log = TinyLog.make(rows: 11, seed: 3, unknownTask: 1)
    for combining in [Combining.losses(try StaticWeights([1, 1, 1])), .gradients(PlainSum())] {
      func weights() -> Weights { GradientTests.weights(architecture, settings, funnel: funnel) }
      let fresh = try GradientTests.change(weights(), combining, log: log)
      for (name, changes) in fresh
      where OwnTask.of(name, in: architecture, funnel: funnel) == 1 {
        #expect(changes.allSatisfy { $0 == 0 }, "\(name)")
      }
      let used = weights()
      let before = GradientTests.numbers(used)
      let engine = GradientTests.engine(used, combining)
      _ = try engine.step(rows: 0..<11, of: TinyLog.make(rows: 11), step: 1, learningRate: 0)
      _ = try engine.step(rows: 0..<11, of: log, step: 2, learningRate: 1)
      let later = GradientTests.numbers(used).merging(before) { after, before in
        zip(after, before).map { $0 - $1 }
      }
      #expect(GradientTests.largestDifference(fresh, later) < Tolerance.float32Gradient)
    }
  }

  @Test(arguments: [Architecture.escm2, .aitm])
  func `auxiliary losses are not in the losses that are told`(architecture: Architecture) throws {
    let log = TinyLog.make(rows: 11)
    let losses = try [0.0, 5].map { weight in
      let settings = FunnelGradientTests.settings {
        ($0.calibrator, $0.counterfactualWeight) = (weight, weight)
      }
      return try GradientTests.engine(
        GradientTests.weights(architecture, settings), .losses(try StaticWeights([1, 1, 1]))
      ).step(rows: 0..<11, of: log, step: 1, learningRate: 1).losses
    }
    #expect(losses[0] == losses[1])
  }
}
