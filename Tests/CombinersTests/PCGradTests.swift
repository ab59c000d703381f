import Combiners
import Randomness
import TestSupport
import Testing

struct PCGradTests {
  /// The sum of all tasks' weights where every task visits the others in this order.
  static func weights(_ jacobian: [[Double]], order: [Int]) -> [Double] {
    let gramian = Gramian(of: jacobian)
    return jacobian.indices.reduce(into: [Double](repeating: 0, count: jacobian.count)) {
      total, task in
      let projected = PCGrad.projected(task, in: gramian, order: order)
      for (index, weight) in projected.enumerated() { total[index] += weight }
    }
  }

  /// The paper's Algorithm 1 on the gradients themselves.
  static func projectedVector(_ task: Int, _ jacobian: [[Double]], order: [Int]) -> [Double] {
    var vector = jacobian[task]
    for other in order where other != task {
      let product = Samples.dot(vector, jacobian[other])
      let square = Samples.dot(jacobian[other], jacobian[other])
      if product < 0 {
        for column in vector.indices {
          vector[column] -= product / square * jacobian[other][column]
        }
      }
    }
    return vector
  }

  @Test(arguments: [[0, 1, 2], [1, 0, 2]]) func `in this order gives the notes' weights`(
    order: [Int]
  ) {
    let weights = PCGradTests.weights(Samples.example, order: order)
    let expected: [Double] = [4.0 / 3, 11.0 / 5, 5.0 / 3]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    let update = Samples.sum(Samples.example, weights: weights)
    let vector: [Double] = [52.0 / 15, 41.0 / 15, 5.0 / 3]
    #expect(Samples.difference(update, vector) < Tolerance.double)
  }

  @Test func `in the opposite order gives other weights`() {
    let weights = PCGradTests.weights(Samples.example, order: [2, 1, 0])
    let expected: [Double] = [1, 11.0 / 5, 2]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    let update = Samples.sum(Samples.example, weights: weights)
    let vector: [Double] = [2.8, 2.4, 2]
    #expect(Samples.difference(update, vector) < Tolerance.double)
  }

  @Test func `of two opposed tasks has the closed form`() throws {
    var combiner = PCGrad(seed: 0)
    let weights = combiner.weights(for: Gramian(of: [[-4, 1, 1], [6, 1, 1]]), tasks: [0, 1])
    // ⟨g₁, g₂⟩ = −22, ‖g₁‖² = 18, ‖g₂‖² = 38.
    let expected: [Double] = [1 + 22.0 / 18, 1 + 22.0 / 38]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `of exactly opposite tasks stands still`() {
    var combiner = PCGrad(seed: 0)
    let jacobian: [[Double]] = [[1, 2], [-3, -6]]
    let weights = combiner.weights(for: Gramian(of: jacobian), tasks: [0, 1])
    let update = Samples.sum(jacobian, weights: weights)
    #expect(Samples.difference(update, [0, 0]) < Tolerance.double)
  }

  @Test func `of tasks that agree is the plain sum`() {
    var combiner = PCGrad(seed: 0)
    let gramian = Gramian(of: [[1, 0, 1], [0, 1, 1], [1, 1, 0]])
    #expect(combiner.weights(for: gramian, tasks: [0, 1, 2]) == [1, 1, 1])
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `on weights equals the projection of the gradients`(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let tasks = Int.random(in: 2...6, using: &generator)
    let jacobian = Samples.jacobian(
      tasks: tasks, parameters: Int.random(in: 2...8, using: &generator), seed: seed &+ 100)
    for task in 0..<tasks {
      let order = (0..<tasks).shuffled(using: &generator)
      let weights = PCGrad.projected(task, in: Gramian(of: jacobian), order: order)
      let expected = PCGradTests.projectedVector(task, jacobian, order: order)
      let vector = Samples.sum(jacobian, weights: weights)
      #expect(Samples.difference(vector, expected) < 1_000 * Tolerance.double)
    }
  }

  @Test func `works against no task where there are two`() {
    for seed in 0..<50 as Range<UInt64> {
      let jacobian = Samples.jacobian(tasks: 2, parameters: 3, seed: seed)
      var combiner = PCGrad(seed: seed)
      let gramian = Gramian(of: jacobian)
      let weights = combiner.weights(for: gramian, tasks: [0, 1])
      for task in 0..<2 {
        #expect(gramian.agreement(of: task, with: weights) > -Tolerance.double)
      }
    }
  }

  @Test func `visits the others in every order`() {
    var combiner = PCGrad(seed: 1)
    let gramian = Gramian(of: Samples.example)
    var answers: Set<String> = []
    for _ in 0..<60 {
      let weights = combiner.weights(for: gramian, tasks: [0, 1, 2])
      answers.insert(weights.map { "\(($0 * 1e6).rounded())" }.joined(separator: " "))
    }
    var possible: Set<String> = []
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    for first in orders {
      for second in orders {
        for third in orders {
          let parts = [first, second, third].enumerated().map {
            PCGrad.projected($0, in: gramian, order: $1)
          }
          let sums = (0..<3).map { column in parts.reduce(0) { $0 + $1[column] } }
          possible.insert(sums.map { "\(($0 * 1e6).rounded())" }.joined(separator: " "))
        }
      }
    }
    #expect(answers == possible)
    #expect(possible.count > 1)
  }

  @Test func `passes over a zero gradient`() {
    var combiner = PCGrad(seed: 0)
    let gramian = Gramian(of: [[1, 0], [0, 0], [-1, 1]])
    let weights = combiner.weights(for: gramian, tasks: [0, 1, 2])
    var without = PCGrad(seed: 0)
    let expected = without.weights(for: gramian.selecting([0, 2]), tasks: [0, 2])
    #expect(Samples.difference([weights[0], weights[2]], expected) < Tolerance.double)
    #expect(weights[1] == 1)
  }

  @Test func `with a main task projects the others alone`() {
    var combiner = PCGrad(main: 1, seed: 0)
    let weights = combiner.weights(for: Gramian(of: Samples.example), tasks: [0, 1, 2])
    // Both others oppose task 1 with a product of −3, and its square is 5.
    let expected: [Double] = [1, 1 + 2 * 3.0 / 5, 1]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    let main = Samples.example[1]
    for task in [0, 2] {
      let turned = Samples.sum([Samples.example[task], main], weights: [1, 3.0 / 5])
      #expect(abs(Samples.dot(turned, main)) < Tolerance.double)
    }
  }

  @Test func `without its main task's gradient is the plain sum`() {
    var combiner = PCGrad(main: 1, seed: 0)
    let absent = combiner.weights(for: Gramian(of: [[1, 0], [-1, 1]]), tasks: [0, 2])
    #expect(absent == [1, 1])
    let still = combiner.weights(for: Gramian(of: [[1, 0], [0, 0], [-1, 1]]), tasks: [0, 1, 2])
    #expect(still == [1, 1, 1])
  }
}
