import Combiners
import Foundation
import Testing

/// The gradients and weights of `fixtures/combiners/cases.json`.
struct GoldenCombiners: Decodable {
  struct Answer: Decodable {
    var kind: CombinerKind
    var settings: CombinerSettings
    var weights: [Double]
  }
  struct Problem: Decodable {
    var jacobian: [[Double]]
    var losses: [Double]
    var answers: [Answer]
  }
  struct Run: Decodable {
    struct Step: Decodable {
      var jacobian: [[Double]]
      var second: [[Double]]?
      var weights: [Double]
    }
    var kind: CombinerKind
    var settings: CombinerSettings
    var steps: [Step]
  }
  /// Steps of a run for each number of tasks, one after the other.
  struct Ordered: Decodable {
    var jacobian: [[Double]]
    var orders: [[Int]]
    var pcgrad: [Double]
    var gradvac: [Double]
  }
  var problems: [Problem]
  var runs: [Run]
  var ordered: [Ordered]

  static func read() throws -> GoldenCombiners {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../fixtures/combiners/cases.json")
    return try JSONDecoder().decode(GoldenCombiners.self, from: Data(contentsOf: file))
  }
}

struct GoldenCombinerTests {
  /// Both sides compute in double precision; the problems' condition numbers stay below 10⁵.
  static let tolerance = 1e-9

  static func trial(
    _ kind: CombinerKind, _ settings: CombinerSettings, taskCount: Int
  ) throws -> CombinerTrial {
    let names = (0..<taskCount).map { "task\($0)" }
    return CombinerTrial(
      try kind.make(settings: settings, taskNames: names, seed: 1), taskCount: taskCount)
  }

  static func difference(_ weights: [Double]?, _ expected: [Double]) -> Double {
    let size = expected.reduce(0) { max($0, abs($1)) }
    return Samples.difference(
      (weights ?? []).map { $0 / size }, expected.map { $0 / size })
  }

  @Test func `rules give the independent program's weights`() throws {
    for problem in try GoldenCombiners.read().problems {
      let count = problem.jacobian.count
      for answer in problem.answers {
        var trial = try GoldenCombinerTests.trial(
          answer.kind, answer.settings, taskCount: count)
        let weights = try trial.step(problem.jacobian, losses: problem.losses).weights
        let difference = GoldenCombinerTests.difference(weights, answer.weights)
        #expect(
          difference < GoldenCombinerTests.tolerance,
          "\(answer.kind) \(answer.settings.values) of \(count) tasks")
      }
    }
  }

  @Test func `rules that remember give the independent program's weights step after step`() throws {
    for run in try GoldenCombiners.read().runs {
      let count = run.steps.first?.jacobian.count ?? 0
      var trial = try GoldenCombinerTests.trial(run.kind, run.settings, taskCount: count)
      for step in run.steps {
        let weights = try trial.step(
          step.jacobian, secondHalf: step.second, losses: Array(repeating: 1, count: count)
        ).weights
        let difference = GoldenCombinerTests.difference(weights, step.weights)
        #expect(
          difference < GoldenCombinerTests.tolerance,
          "\(run.kind) \(run.settings.values) of \(count) tasks")
      }
    }
  }

  @Test func `rules that visit tasks in order give the independent program's weights`() throws {
    var vaccines: [Int: GradVac] = [:]
    for step in try GoldenCombiners.read().ordered {
      let count = step.jacobian.count
      let gramian = Gramian(of: step.jacobian)
      var sum = [Double](repeating: 0, count: count)
      for (task, order) in step.orders.enumerated() {
        let weights = PCGrad.projected(task, in: gramian, order: order)
        for index in 0..<count { sum[index] += weights[index] }
      }
      let surgery = GoldenCombinerTests.difference(sum, step.pcgrad)
      #expect(surgery < GoldenCombinerTests.tolerance, "PCGrad of \(count) tasks")

      var vaccine = try vaccines[count] ?? GradVac(taskCount: count, beta: 0.3, seed: 1)
      let weights = vaccine.weights(
        for: GradientStep(
          gramian: gramian, tasks: Array(0..<count), losses: Array(repeating: 1, count: count)),
        orders: step.orders)
      vaccines[count] = vaccine
      let difference = GoldenCombinerTests.difference(weights, step.gradvac)
      #expect(difference < GoldenCombinerTests.tolerance, "GradVac of \(count) tasks")
    }
  }
}
