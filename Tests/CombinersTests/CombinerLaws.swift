import Combiners
import Foundation
import TestSupport
import Testing

/// What every combiner promises; a new one is covered as soon as ``CombinerKind`` names it.
struct CombinerLaws {
  @Test(arguments: CombinerKind.allCases, SampleJacobian.all)
  func `gives one finite weight per task, step after step`(
    kind: CombinerKind, sample: SampleJacobian
  ) throws {
    let count = sample.jacobian.count
    var combiner = try kind.sample(taskCount: count)
    for _ in 0..<3 {
      let weights = try combiner.step(
        sample.jacobian, tasks: Array(0..<count), taskCount: count)
      #expect(weights.count == count)
      #expect(weights.allSatisfy { $0.isFinite && $0 >= 0 })
    }
  }

  @Test(arguments: CombinerKind.allCases, SampleJacobian.all)
  func `repeats its answers for the same seed`(kind: CombinerKind, sample: SampleJacobian) throws {
    let count = sample.jacobian.count
    let runs = try (0..<2).map { _ in
      var combiner = try kind.sample(taskCount: count)
      return try (0..<3).map { _ in
        try combiner.step(sample.jacobian, tasks: Array(0..<count), taskCount: count)
      }
    }
    #expect(runs[0] == runs[1])
  }

  // The sum of logarithms divides even a single gradient by its loss.
  @Test(arguments: CombinerKind.allCases.filter { $0 != .logSum })
  func `leaves a single task's gradient as it is`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 1)
    let weights = try combiner.step([[3, -4]], tasks: [0], taskCount: 1)
    #expect(weights == [1])
  }

  @Test(arguments: CombinerKind.allCases.filter { $0 != .rlw })
  func `gives two equal tasks the direction of one`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 2)
    let jacobian: [[Double]] = [[1, 2, -1], [1, 2, -1]]
    for _ in 0..<3 {
      let weights = try combiner.step(jacobian, tasks: [0, 1], taskCount: 2)
      #expect(Samples.difference([weights[0]], [weights[1]]) < Tolerance.float32())
      #expect(weights[0] > 0)
    }
  }

  @Test(arguments: CombinerKind.allCases, [1e-10, 1e-3, 1e10])
  func `of gradients does not depend on their common scale`(kind: CombinerKind, scale: Double)
    throws
  {
    // Their logarithm and learning rate have units.
    guard kind.profile.family != .losses, ![.dbMTL, .moco].contains(kind) else { return }
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: 2)
    var combiner = try kind.sample(taskCount: 4)
    var scaled = try kind.sample(taskCount: 4)
    for _ in 0..<3 {
      let weights = try combiner.step(jacobian, tasks: [0, 1, 2, 3], taskCount: 4)
      let others = try scaled.step(
        jacobian.map { $0.map { $0 * scale } }, tasks: [0, 1, 2, 3], taskCount: 4)
      #expect(Samples.difference(weights, others) < Tolerance.float32())
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `of gradients sees the same after a rotation`(kind: CombinerKind) throws {
    guard kind.profile.family != .losses else { return }
    let jacobian = Samples.jacobian(tasks: 4, parameters: 3, seed: 3)
    let rotated = jacobian.map { row -> [Double] in
      // A turn by 0.7 in the first plane, then by 1.9 in the second.
      let first = [
        row[0] * cos(0.7) - row[1] * sin(0.7), row[0] * sin(0.7) + row[1] * cos(0.7), row[2],
      ]
      return [
        first[0], first[1] * cos(1.9) - first[2] * sin(1.9),
        first[1] * sin(1.9) + first[2] * cos(1.9),
      ]
    }
    var combiner = try kind.sample(taskCount: 4)
    var other = try kind.sample(taskCount: 4)
    for _ in 0..<3 {
      let weights = try combiner.step(jacobian, tasks: [0, 1, 2, 3], taskCount: 4)
      let others = try other.step(rotated, tasks: [0, 1, 2, 3], taskCount: 4)
      #expect(Samples.difference(weights, others) < Tolerance.float32())
    }
  }

  @Test(arguments: CombinerKind.allCases.filter { ![.pcgrad, .rlw].contains($0) })
  func `without random draws follows the tasks into another order`(kind: CombinerKind) throws {
    // The main task, number 0, stays where it is.
    let order = [0, 3, 1, 2]
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: 5)
    var combiner = try kind.sample(taskCount: 4)
    var other = try kind.sample(taskCount: 4)
    for _ in 0..<3 {
      let weights = try combiner.step(jacobian, tasks: [0, 1, 2, 3], taskCount: 4)
      let others = try other.step(
        order.map { jacobian[$0] }, tasks: [0, 1, 2, 3], taskCount: 4)
      #expect(Samples.difference(order.map { weights[$0] }, others) < Tolerance.float32())
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `takes an absent task as not there`(kind: CombinerKind) throws {
    let jacobian = Samples.jacobian(tasks: 2, parameters: 6, seed: 6)
    var three = try kind.sample(taskCount: 3)
    var two = try kind.sample(taskCount: 2)
    for _ in 0..<4 {
      // Task 2 never has a label: the others are combined as if there were two.
      let weights = try three.step(jacobian, tasks: [0, 1], taskCount: 3)
      let expected = try two.step(jacobian, tasks: [0, 1], taskCount: 2)
      #expect(weights == expected)
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `bears a step without any task`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 3)
    let jacobian = Samples.jacobian(tasks: 3, parameters: 6, seed: 6)
    _ = try combiner.step(jacobian, tasks: [0, 1, 2], taskCount: 3)
    let before = try combiner.answers(jacobian)
    let none = try combiner.step([], tasks: [], taskCount: 3)
    #expect(none.isEmpty)
    #expect(try combiner.answers(jacobian) == before)
  }

  @Test(arguments: CombinerKind.allCases)
  func `goes on with the same bits after being encoded`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 4, seed: .max)
    for seed in 0..<5 as Range<UInt64> {
      let jacobian = Samples.jacobian(tasks: 4, parameters: 9, seed: seed)
      _ = try combiner.step(jacobian, tasks: [0, 1, 2, 3], taskCount: 4)
    }
    // What the trial itself keeps is not the combiner's.
    var resumed = combiner
    resumed.combining = try kind.sample(taskCount: 4).decoded(combiner.encoded()).combining
    for seed in 5..<15 as Range<UInt64> {
      let tasks = seed % 2 == 0 ? [0, 1, 2, 3] : [0, 2, 3]
      let gramian = Samples.jacobian(tasks: tasks.count, parameters: 9, seed: seed)
      let expected = try combiner.step(gramian, tasks: tasks, taskCount: 4)
      let weights = try resumed.step(gramian, tasks: tasks, taskCount: 4)
      #expect(weights.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }
}

extension CombinerTrial {
  /// What a copy would answer to all three tasks' gradients.
  fileprivate func answers(_ jacobian: [[Double]]) throws -> [Double] {
    var copy = self
    return try copy.step(jacobian, tasks: [0, 1, 2], taskCount: 3)
  }
}
