import Combiners
import Foundation
import Randomness
import Testing

/// Gramians that combiners get wrong easily, with names for reports.
struct SampleGramian: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let gramian: Gramian

  init(_ description: String, _ jacobian: [[Double]]) {
    testDescription = description
    gramian = Gramian(of: jacobian)
  }

  static let all: [SampleGramian] =
    [
      SampleGramian("one task", [[3, -4]]),
      SampleGramian("one task of zero", [[0, 0]]),
      SampleGramian("equal", [[1, 2], [1, 2]]),
      SampleGramian("opposed", [[1, 2], [-1, -2]]),
      SampleGramian("opposed, of other lengths", [[1, 2], [-10, -20]]),
      SampleGramian("orthogonal", [[1, 0], [0, 1]]),
      SampleGramian("a zero row", [[1, 2], [0, 0], [-1, 1]]),
      SampleGramian("all zero", [[0, 0], [0, 0], [0, 0]]),
      SampleGramian("rank 1", [[1, 1], [2, 2], [-3, -3], [0.5, 0.5]]),
      SampleGramian("rank 2 of 5", (0..<5).map { [Double($0) - 2, Double($0 * $0) - 3] }),
      SampleGramian("scales apart", [[1e-10, 0, 1e-10], [-1e10, 1e10, 0], [0, -1, 1]]),
      SampleGramian("the notes' example", Samples.example),
    ]
    + [1e-10, 1e10].map { scale in
      SampleGramian(
        "scale \(scale)", Samples.example.map { $0.map { $0 * scale } })
    }
    + [2, 3, 5, 10, 40].map {
      SampleGramian("\($0) random tasks", Samples.jacobian(tasks: $0, parameters: 12, seed: 4))
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
  func sample(taskCount: Int, seed: UInt64 = 7) throws -> Combining {
    let names = (0..<taskCount).map { "task\($0)" }
    let settings = CombinerSettings(main: self == .metabalance ? names[0] : nil)
    return try make(settings: settings, taskNames: names, seed: seed)
  }
}

extension Combining {
  /// What one step makes of the gradients whose Gramian this is: the weights of the given tasks.
  ///
  /// Loss weightings see losses of the gradients' norms instead; element-wise combiners see unit
  /// vectors in place of the gradients, so that their answer is the weights.
  mutating func step(_ gramian: Gramian, tasks: [Int], taskCount: Int) throws -> [Double] {
    switch self {
    case .losses(var weighting):
      let weights = weighting.weights
      var losses = [Double?](repeating: nil, count: taskCount)
      for (row, task) in tasks.enumerated() { losses[task] = gramian.norm(row) }
      weighting.observe(losses)
      self = .losses(weighting)
      return tasks.map { weights[$0] }
    case .gradients(var combiner):
      let weights = try combiner.weights(for: gramian, tasks: tasks)
      self = .gradients(combiner)
      return weights
    case .elements(var combiner):
      try combiner.prepare(for: [BlockGramian(gramian: gramian, tasks: tasks)])
      self = .elements(combiner)
      let count = tasks.count
      let units = (0..<count * count).map { Float($0 % (count + 1) == 0 ? 1 : 0) }
      var combined = [Float](repeating: .nan, count: count)
      var target = combined.mutableSpan
      combiner.combine(units.span, stride: count, block: 0, into: &target)
      return combined.map(Double.init)
    }
  }

  /// The whole state, encoded.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return switch self {
    case .losses(let rule): try encoder.encode(rule)
    case .gradients(let rule): try encoder.encode(rule)
    case .elements(let rule): try encoder.encode(rule)
    }
  }

  /// The same rule with the state that was encoded.
  func decoded(_ data: Data) throws -> Combining {
    func read<Rule: Decodable>(_ rule: Rule) throws -> Rule {
      try JSONDecoder().decode(Rule.self, from: data)
    }
    return switch self {
    case .losses(let rule): .losses(try read(rule))
    case .gradients(let rule): .gradients(try read(rule))
    case .elements(let rule): .elements(try read(rule))
    }
  }
}
