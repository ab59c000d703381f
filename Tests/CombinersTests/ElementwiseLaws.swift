import Combiners
import Foundation
import TestSupport
import Testing

/// What every element-wise combiner promises of its state and of the cuts between stretches.
struct ElementwiseLaws {
  static let kinds = CombinerKind.allCases.filter { $0.profile.family == .elements }

  private static func rule(_ kind: CombinerKind, taskCount: Int) throws -> any ElementwiseCombiner {
    let names = (0..<taskCount).map { "task\($0)" }
    guard case .elements(let rule, _) = try kind.make(taskNames: names, seed: 5) else {
      throw CombinerError.missingSetting(name: "elements", combiner: kind.rawValue)
    }
    return rule
  }

  /// What a rule makes of some steps, in some of which tasks are absent.
  private static func run<Rule: ElementwiseCombiner>(
    _ rule: Rule, cuts: [Int], isReread: Bool = false
  ) throws -> [[Float]] {
    var trial = ElementwiseTrial(rule, taskCount: 3, cuts: cuts)
    return try (0..<30 as Range<UInt64>).map { seed in
      if isReread {
        trial.rule = try JSONDecoder().decode(
          Rule.self, from: JSONEncoder().encode(trial.rule))
      }
      let tasks = seed % 4 == 3 ? [0, 2] : seed % 7 == 5 ? [1] : [0, 1, 2]
      let jacobian = Samples.jacobian(tasks: tasks.count, parameters: 40, seed: seed)
      return try trial.step(
        Samples.floats(jacobian), tasks: tasks, losses: tasks.map { Double($0) + 0.5 })
    }
  }

  @Test(arguments: kinds) func `a cut between stretches changes nothing`(kind: CombinerKind) throws
  {
    let rule = try ElementwiseLaws.rule(kind, taskCount: 3)
    let whole = try ElementwiseLaws.run(rule, cuts: [])
    let cut = try ElementwiseLaws.run(rule, cuts: [1, 16, 33])
    for (left, right) in zip(whole, cut) {
      // Sums over stretches may round otherwise in their last bit.
      #expect(Samples.difference(left, right.map(Double.init)) < Tolerance.float32())
    }
  }

  @Test(arguments: kinds) func `goes on with the same bits after being encoded`(
    kind: CombinerKind
  ) throws {
    let rule = try ElementwiseLaws.rule(kind, taskCount: 3)
    let whole = try ElementwiseLaws.run(rule, cuts: [])
    #expect(try ElementwiseLaws.run(rule, cuts: [], isReread: true) == whole)
  }

  @Test(arguments: kinds) func `an absent task's state stays`(kind: CombinerKind) throws {
    func check(_ rule: some ElementwiseCombiner) throws {
      var trial = ElementwiseTrial(rule, taskCount: 2)
      _ = try trial.step([[1, -2], [3, 0.5]])
      let before = trial.states[0]
      _ = try trial.step([[4, 5]], tasks: [0])
      let half = before.count / 2
      #expect(trial.states[0].suffix(half) == before.suffix(half))
      #expect(half == 0 || trial.states[0].prefix(half) != before.prefix(half))
    }
    try check(ElementwiseLaws.rule(kind, taskCount: 2))
  }
}
