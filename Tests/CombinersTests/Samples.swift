import Combiners
import Foundation
import Randomness
import Testing

/// Jacobians that combiners get wrong easily, with names for reports.
struct SampleJacobian: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let jacobian: [[Double]]

  init(_ description: String, _ jacobian: [[Double]]) {
    testDescription = description
    self.jacobian = jacobian
  }

  static let all: [SampleJacobian] =
    [
      SampleJacobian("one task", [[3, -4]]),
      SampleJacobian("one task of zero", [[0, 0]]),
      SampleJacobian("equal", [[1, 2], [1, 2]]),
      SampleJacobian("opposed", [[1, 2], [-1, -2]]),
      SampleJacobian("opposed, of other lengths", [[1, 2], [-10, -20]]),
      SampleJacobian("orthogonal", [[1, 0], [0, 1]]),
      SampleJacobian("a zero row", [[1, 2], [0, 0], [-1, 1]]),
      SampleJacobian("all zero", [[0, 0], [0, 0], [0, 0]]),
      SampleJacobian("rank 1", [[1, 1], [2, 2], [-3, -3], [0.5, 0.5]]),
      SampleJacobian("rank 2 of 5", (0..<5).map { [Double($0) - 2, Double($0 * $0) - 3] }),
      SampleJacobian(
        "zero within the hull", [[1, 0, 0], [-1, 1, 0], [-1, -1, 0.5], [0, 0, -1]]),
      SampleJacobian("nearly equal", [[1, 2, 3], [1, 2, 3 + 1e-9], [1, 2 - 1e-9, 3]]),
      SampleJacobian("nearly opposed", [[1, 2], [-1, -2 + 1e-7]]),
      SampleJacobian("one against all", [[1, 1, 1], [1, 1.5, 1], [1, 1, 1.5], [-3, -3, -3.1]]),
      SampleJacobian("opposed beside a third", [[1, 0], [-1, 0], [0, 1]]),
      SampleJacobian("a zero row among five", [[0, 0], [1, 0], [0, 1], [-1, -0.5], [2, -1]]),
      SampleJacobian("scales apart", [[1e-10, 0, 1e-10], [-1e10, 1e10, 0], [0, -1, 1]]),
      SampleJacobian("the notes' example", Samples.example),
    ]
    + [1e-10, 1e10].map { scale in
      SampleJacobian(
        "scale \(scale)", Samples.example.map { $0.map { $0 * scale } })
    }
    + [
      SampleJacobian(
        "scales apart, of 9 random tasks",
        Samples.jacobian(tasks: 9, parameters: 12, seed: 8).enumerated().map { row, values in
          values.map { $0 * [1e-10, 1, 1e10][row % 3] }
        })
    ]
    + [2, 3, 5, 10, 40].map {
      SampleJacobian("\($0) random tasks", Samples.jacobian(tasks: $0, parameters: 12, seed: 4))
    }
}

enum Samples {
  /// A Jacobian whose combinations are known.
  static let example: [[Double]] = [[3, 0, 0], [-1, 2, 0], [1, -1, 1]]

  static func jacobian(tasks: Int, parameters: Int, seed: UInt64) -> [[Double]] {
    var generator = SplitMix64(seed: seed)
    return (0..<tasks).map { _ in (0..<parameters).map { _ in generator.normal() } }
  }

  static func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// A step in which all tasks are present, with losses of 1 unless given.
  static func step(_ jacobian: [[Double]], losses: [Double]? = nil) -> GradientStep {
    GradientStep(
      gramian: Gramian(of: jacobian), tasks: Array(jacobian.indices),
      losses: losses ?? jacobian.map { _ in 1 })
  }

  /// The largest norm of a row.
  static func size(_ jacobian: [[Double]]) -> Double {
    jacobian.reduce(0) { max($0, dot($1, $1).squareRoot()) }
  }

  /// `Jᵀ w`.
  static func sum(_ jacobian: [[Double]], weights: [Double]) -> [Double] {
    (jacobian.first ?? []).indices.map { column in
      zip(jacobian, weights).reduce(0) { $0 + $1.0[column] * $1.1 }
    }
  }

  /// The largest difference relative to the largest number.
  static func difference(_ left: [Double], _ right: [Double]) -> Double {
    guard left.count == right.count else { return .infinity }
    let size = (left + right).reduce(1) { max($0, abs($1)) }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) } / size
  }
}

extension CombinerKind {
  /// A combiner of this kind with its defaults; the first task is the main one where one is needed.
  func sample(taskCount: Int, seed: UInt64 = 7) throws -> CombinerTrial {
    let names = (0..<taskCount).map { "task\($0)" }
    var settings = CombinerSettings()
    for setting in profile.settings where setting.isRequired {
      settings[setting.setting] = .text(setting.setting == .main ? names[0] : "mgda")
    }
    return CombinerTrial(
      try make(settings: settings, taskNames: names, seed: seed), taskCount: taskCount)
  }
}

extension CombinerTrial {
  /// The answer to one step; losses are the gradients' norms, 1 for those of zero.
  mutating func answer(_ jacobian: [[Double]], tasks: [Int]? = nil) throws -> Answer {
    let losses = jacobian.map { row in
      let norm = Samples.dot(row, row).squareRoot()
      return norm > 0 ? norm : 1
    }
    return try step(jacobian, tasks: tasks, losses: losses)
  }

  /// The whole state, encoded.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(combining)
  }

  /// The same rule with the state that was encoded.
  func decoded(_ data: Data) throws -> CombinerTrial {
    let decoder = JSONDecoder()
    decoder.userInfo[SavedCombining.fresh] = combining
    return CombinerTrial(
      try decoder.decode(SavedCombining.self, from: data).combining, taskCount: taskCount)
  }
}

extension GradientCombiner {
  /// The weights of gradients with this Gramian and losses of 1.
  mutating func weights(for gramian: Gramian, tasks: [Int]) -> [Double] {
    let step = GradientStep(
      gramian: gramian, tasks: tasks, losses: Array(repeating: 1, count: tasks.count))
    do throws(CombinerError) {
      return try weights(for: step)
    } catch {
      Issue.record(error)
      return []
    }
  }
}
