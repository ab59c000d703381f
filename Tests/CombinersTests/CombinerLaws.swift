import Combiners
import Foundation
import Randomness
import TestSupport
import Testing

/// What every combiner promises; a new one is covered as soon as ``CombinerKind`` names it.
///
/// Exceptions are in `CombinerPromises.swift`, with their reasons.
struct CombinerLaws {
  /// Checks weights, where there are such, and the combined gradient relative to its terms.
  static func expectEqual(
    _ answer: CombinerTrial.Answer, _ expected: CombinerTrial.Answer, of jacobian: [[Double]],
    kind: CombinerKind,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect((answer.weights == nil) == (expected.weights == nil), sourceLocation: sourceLocation)
    let weights = expected.weights ?? []
    let difference = Samples.difference(answer.weights ?? [], weights)
    #expect(difference < kind.tolerance, sourceLocation: sourceLocation)
    let size =
      weights.reduce(1) { max($0, abs($1)) } * Samples.size(jacobian) * Double(jacobian.count)
    #expect(answer.combined.count == expected.combined.count, sourceLocation: sourceLocation)
    for (left, right) in zip(answer.combined, expected.combined) {
      #expect(abs(left - right) <= size * kind.tolerance, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: CombinerKind.allCases, SampleJacobian.all)
  func `gives a finite step, step after step`(kind: CombinerKind, sample: SampleJacobian) throws {
    let count = sample.jacobian.count
    var combiner = try kind.sample(taskCount: count)
    for _ in 0..<3 {
      let answer = try combiner.answer(sample.jacobian)
      #expect(answer.combined.count == sample.jacobian[0].count)
      #expect(answer.combined.allSatisfy { $0.isFinite })
      guard let weights = answer.weights else { continue }
      #expect(weights.count == count)
      #expect(weights.allSatisfy { $0.isFinite && (kind.mayWeighNegatively || $0 >= 0) })
    }
  }

  @Test(arguments: CombinerKind.allCases, SampleJacobian.all)
  func `solves its problems to their tolerance`(kind: CombinerKind, sample: SampleJacobian) throws {
    var combiner = try kind.sample(taskCount: sample.jacobian.count)
    for _ in 0..<3 { _ = try combiner.answer(sample.jacobian) }
    switch combiner.combining {
    case .losses, .preferences: break
    case .gradients(let rule, _): #expect(rule.unsolvedSteps == 0)
    case .elements(let rule, _): #expect(rule.unsolvedSteps == 0)
    }
  }

  @Test(arguments: CombinerKind.allCases.filter { $0.profile.family == .gradients })
  func `solves problems of dependent gradients`(kind: CombinerKind) throws {
    var generator = SplitMix64(seed: 17)
    for _ in 0..<60 {
      // Small whole numbers: many rows are zero, equal, opposed or sums of others.
      let tasks = Int.random(in: 2...9, using: &generator)
      let parameters = Int.random(in: 1...5, using: &generator)
      let jacobian = (0..<tasks).map { _ in
        let scale: Double = [1e-6, 1, 1, 1e6][Int.random(in: 0..<4, using: &generator)]
        return (0..<parameters).map { _ in
          scale * Double(Int.random(in: -2...2, using: &generator))
        }
      }
      var combiner = try kind.sample(taskCount: tasks)
      let answer = try combiner.answer(jacobian)
      #expect(answer.combined.allSatisfy { $0.isFinite })
      guard case .gradients(let rule, _) = combiner.combining else { continue }
      #expect(rule.unsolvedSteps == 0, "\(jacobian)")
      guard kind.opposesNoTask, let weights = answer.weights else { continue }
      let gramian = Gramian(of: jacobian)
      for task in 0..<tasks {
        let size = (0..<tasks).reduce(0) { $0 + abs(gramian[task, $1] * weights[$1]) }
        #expect(gramian.agreement(of: task, with: weights) >= -1e-9 * size, "\(jacobian)")
      }
    }
  }

  @Test(arguments: CombinerKind.allCases, SampleJacobian.all)
  func `repeats its answers for the same seed`(kind: CombinerKind, sample: SampleJacobian) throws {
    let runs = try (0..<2).map { _ in
      var combiner = try kind.sample(taskCount: sample.jacobian.count)
      return try (0..<3).map { _ in try combiner.answer(sample.jacobian) }
    }
    #expect(runs[0] == runs[1])
  }

  @Test(arguments: CombinerKind.allCases.filter { !$0.isOptimizer })
  func `leaves a single task's gradient as it is`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 1)
    let answer = try combiner.answer([[3, -4]])
    let factor = kind.loneFactor(norm: 5)
    #expect(Samples.difference(answer.combined, [3 * factor, -4 * factor]) < Tolerance.float32())
  }

  @Test(arguments: CombinerKind.allCases.filter { $0 != .rlw && !$0.isOptimizer })
  func `gives two equal tasks the direction of one`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 2)
    let gradient: [Double] = [1, 2, -1]
    for _ in 0..<3 {
      let combined = try combiner.answer([gradient, gradient]).combined
      let factor = combined[0]
      #expect(factor > 0)
      #expect(
        Samples.difference(combined, gradient.map { $0 * factor }) < Tolerance.float32())
    }
  }

  @Test(arguments: CombinerKind.allCases.filter { !$0.isOptimizer }, [1e-10, 1e-3, 1e10])
  func `of gradients depends on their common scale as it says`(kind: CombinerKind, scale: Double)
    throws
  {
    guard kind.profile.family != .losses, let exponent = kind.scaleExponent else { return }
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: 2)
    var combiner = try kind.sample(taskCount: 4)
    var scaled = try kind.sample(taskCount: 4)
    for _ in 0..<3 {
      let expected = try combiner.answer(jacobian)
      var answer = try scaled.answer(jacobian.map { $0.map { $0 * scale } })
      let factor = pow(scale, -exponent)
      answer.weights = answer.weights?.map { $0 * factor }
      answer.combined = answer.combined.map { $0 * factor / scale }
      CombinerLaws.expectEqual(answer, expected, of: jacobian, kind: kind)
    }
  }

  /// A turn by 0.7 in the first plane, then by 1.9 in the second.
  private static func rotated(_ row: [Double]) -> [Double] {
    let first = [
      row[0] * cos(0.7) - row[1] * sin(0.7), row[0] * sin(0.7) + row[1] * cos(0.7), row[2],
    ]
    return [
      first[0], first[1] * cos(1.9) - first[2] * sin(1.9),
      first[1] * sin(1.9) + first[2] * cos(1.9),
    ]
  }

  @Test(arguments: CombinerKind.allCases.filter { $0.profile.family != .elements })
  func `turns its step with the gradients`(kind: CombinerKind) throws {
    let jacobian = Samples.jacobian(tasks: 3, parameters: 3, seed: 3)
    var combiner = try kind.sample(taskCount: 3)
    var other = try kind.sample(taskCount: 3)
    for _ in 0..<3 {
      var expected = try combiner.answer(jacobian)
      let answer = try other.answer(jacobian.map(CombinerLaws.rotated))
      expected.combined = CombinerLaws.rotated(expected.combined)
      CombinerLaws.expectEqual(answer, expected, of: jacobian, kind: kind)
    }
  }

  @Test(arguments: CombinerKind.allCases.filter { !$0.drawsAtRandom })
  func `without random draws follows the tasks into another order`(kind: CombinerKind) throws {
    // The main task, number 0, stays where it is.
    let order = [0, 3, 1, 2]
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: 5)
    var combiner = try kind.sample(taskCount: 4)
    var other = try kind.sample(taskCount: 4)
    for _ in 0..<3 {
      var expected = try combiner.answer(jacobian)
      let answer = try other.answer(order.map { jacobian[$0] })
      expected.weights = expected.weights.map { weights in order.map { weights[$0] } }
      CombinerLaws.expectEqual(answer, expected, of: jacobian, kind: kind)
    }
  }

  @Test(arguments: CombinerKind.allCases.filter(\.forgetsAbsentTasks))
  func `takes an absent task as not there`(kind: CombinerKind) throws {
    let jacobian = Samples.jacobian(tasks: 2, parameters: 6, seed: 6)
    var three = try kind.sample(taskCount: 3)
    var two = try kind.sample(taskCount: 2)
    for _ in 0..<4 {
      // Task 2 never has a label: the others are combined as if there were two.
      let answer = try three.answer(jacobian, tasks: [0, 1])
      #expect(try answer == two.answer(jacobian))
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `bears a step without any task`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 3)
    let jacobian = Samples.jacobian(tasks: 3, parameters: 6, seed: 6)
    _ = try combiner.answer(jacobian)
    var copy = combiner
    let none = try combiner.answer([], tasks: [])
    #expect(none.weights?.isEmpty ?? true)
    #expect(none.combined.isEmpty)
    #expect(try combiner.answer(jacobian) == copy.answer(jacobian))
  }

  @Test(arguments: CombinerKind.allCases)
  func `goes on with the same bits after being encoded`(kind: CombinerKind) throws {
    var combiner = try kind.sample(taskCount: 4, seed: .max)
    guard !combiner.keepsElements else { return }
    for seed in 0..<5 as Range<UInt64> {
      _ = try combiner.answer(Samples.jacobian(tasks: 4, parameters: 9, seed: seed))
    }
    // What the trial itself keeps is not the combiner's.
    var resumed = combiner
    resumed.combining = try kind.sample(taskCount: 4).decoded(combiner.encoded()).combining
    for seed in 5..<15 as Range<UInt64> {
      let tasks = seed % 2 == 0 ? [0, 1, 2, 3] : [0, 2, 3]
      let jacobian = Samples.jacobian(tasks: tasks.count, parameters: 9, seed: seed)
      let expected = try combiner.answer(jacobian, tasks: tasks)
      let answer = try resumed.answer(jacobian, tasks: tasks)
      #expect(answer.combined.map(\.bitPattern) == expected.combined.map(\.bitPattern))
      #expect(answer.weights?.map(\.bitPattern) == expected.weights?.map(\.bitPattern))
    }
  }

  @Test(arguments: CombinerKind.allCases.filter(\.opposesNoTask), SampleJacobian.all)
  func `works against no task where its paper says so`(
    kind: CombinerKind, sample: SampleJacobian
  ) throws {
    var combiner = try kind.sample(taskCount: sample.jacobian.count)
    let gramian = Gramian(of: sample.jacobian)
    let weights = try #require(try combiner.answer(sample.jacobian).weights)
    for task in 0..<gramian.taskCount {
      let size = (0..<gramian.taskCount).reduce(0) { $0 + abs(gramian[task, $1] * weights[$1]) }
      #expect(gramian.agreement(of: task, with: weights) >= -1e-9 * size)
    }
  }
}

extension CombinerTrial {
  /// Whether the trial itself keeps state by element, which no encoding of the combiner holds.
  fileprivate var keepsElements: Bool {
    guard case .elements(let rule, _) = combining else { return false }
    return rule.stateCount > 0
  }
}
