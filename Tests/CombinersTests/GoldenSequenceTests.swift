import Combiners
import Foundation
import Testing

/// The losses, gradients and answers of `fixtures/combiners/sequences.json`.
struct GoldenSequences: Decodable {
  struct Run: Decodable {
    struct Step: Decodable {
      var tasks: [Int]
      var losses: [Double]
      var jacobian: [[Double]]
      /// Of the present tasks; nil where a method has none of its own.
      var weights: [Double]?
      /// Nil for loss weightings.
      var combined: [Double]?
    }
    var kind: CombinerKind
    var settings: CombinerSettings
    var steps: [Step]
  }
  var runs: [Run]

  /// The runs of some kinds, at least one of each.
  static func read(_ kinds: Set<CombinerKind>) throws -> [Run] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../fixtures/combiners/sequences.json")
    let all = try JSONDecoder().decode(GoldenSequences.self, from: Data(contentsOf: file))
    let runs = all.runs.filter { kinds.contains($0.kind) }
    #expect(Set(runs.map(\.kind)) == kinds)
    return runs
  }
}

struct GoldenSequenceTests {
  /// For what is computed in single precision: a few steps' roundings of 6e-8 each, and some more
  /// where gradients cancel each other.
  static let singlePrecision = 1e-6

  /// Runs the package's rule and compares each of its steps to the independent program's.
  static func check(_ run: GoldenSequences.Run, tolerance: Double) throws {
    var trial = try GoldenCombinerTests.trial(run.kind, run.settings, taskCount: 3)
    for (number, step) in run.steps.enumerated() {
      let answer = try trial.step(step.jacobian, tasks: step.tasks, losses: step.losses)
      let place: Comment = "\(run.kind) \(run.settings.values), step \(number + 1)"
      try #require(step.weights != nil || step.combined != nil, place)
      // Rules that change the gradients before they weigh them don't tell weights of those given.
      if let weights = step.weights, run.kind.profile.family != .elements {
        #expect(GoldenCombinerTests.difference(answer.weights, weights) < tolerance, place)
      }
      if let combined = step.combined {
        #expect(GoldenCombinerTests.difference(answer.combined, combined) < tolerance, place)
      }
    }
  }

  @Test func `loss weightings give the independent program's weights step after step`() throws {
    let runs = try GoldenSequences.read([
      .uncertainty, .imtlL, .gls, .logSum, .dwa, .stch, .famo, .gradnorm, .decayed,
    ])
    for run in runs {
      try GoldenSequenceTests.check(run, tolerance: GoldenCombinerTests.tolerance)
    }
  }

  @Test func `MetaBalance gives the independent program's weights step after step`() throws {
    for run in try GoldenSequences.read([.metabalance]) {
      try GoldenSequenceTests.check(run, tolerance: GoldenCombinerTests.tolerance)
    }
  }

  @Test func `element-wise rules give the independent program's gradients step after step`() throws
  {
    for run in try GoldenSequences.read([.dbMTL, .excessMTL, .moco]) {
      try GoldenSequenceTests.check(run, tolerance: GoldenSequenceTests.singlePrecision)
    }
  }

  @Test func `MTAdam goes the independent program's way step after step`() throws {
    for run in try GoldenSequences.read([.mtadam]) {
      let trial = try GoldenCombinerTests.trial(run.kind, run.settings, taskCount: 3)
      guard case .elements(let rule, _) = trial.combining else {
        Issue.record("MTAdam is no element-wise rule")
        continue
      }
      try goes(run, by: rule)
    }
  }

  /// A rule that steps itself: what counts is the way, not the sum of the scaled gradients.
  private func goes(_ run: GoldenSequences.Run, by rule: some ElementwiseCombiner) throws {
    var trial = ElementwiseTrial(rule, taskCount: 3, cuts: [2])
    for (number, step) in run.steps.enumerated() {
      let way = try trial.step(
        Samples.floats(step.jacobian), tasks: step.tasks, losses: step.losses)
      let difference = GoldenCombinerTests.difference(
        way.map(Double.init), try #require(step.combined))
      #expect(
        difference < GoldenSequenceTests.singlePrecision,
        "\(run.settings.values), step \(number + 1)")
    }
  }
}
