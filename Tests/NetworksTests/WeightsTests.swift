import Foundation
import Interactions
import Matrices
import Networks
import TestSupport
import Testing

struct WeightsTests {
  static let wide = InputSchema(
    tables: [.init(name: "item", rowCount: 2_000, dimension: 5)],
    lookups: [.init(feature: "item", table: 0)], numbers: (0..<59).map { "n\($0)" })

  static func weights(seed: UInt64 = 1, momentCount: Int = 2, function: ActivationFunction = .relu)
    -> Weights
  {
    let network = Architecture.mmoe.make(
      schema: wide, taskNames: ["click", "cart"],
      settings: NetworkSettings(experts: 2, expert: [96, 48], tower: [40], activation: function))
    return Weights(network: network, momentCount: momentCount, seed: seed)
  }

  static func values(_ parameter: Parameter, _ weights: Weights) -> [Double] {
    parameter.range.map { Double(weights.dense.storage[$0]) }
  }

  @Test func `start with the variances of He and Glorot and biases of zero`() {
    let weights = WeightsTests.weights()
    for parameter in weights.network.parameters {
      let values = WeightsTests.values(parameter, weights)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      let isHidden = !parameter.name.contains("gate") && !parameter.name.contains("logit")
      let expected =
        isHidden ? 2 / Double(parameter.columns) : 2 / Double(parameter.rows + parameter.columns)
      if parameter.isBias {
        #expect(values.allSatisfy { $0 == 0 })
      } else {
        // Five deviations of a variance (at most √(2/n) relative) and of a mean.
        let count = Double(values.count)
        #expect(abs(variance / expected - 1) < 5 * (2 / count).squareRoot(), "\(parameter.name)")
        #expect(abs(mean) < 5 * (expected / count).squareRoot())
      }
      if !isHidden && !parameter.isBias {
        let bound = (3 * expected).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound + 1e-6 })
      }
    }
  }

  @Test func `start linear layers like Glorot everywhere`() {
    let weights = WeightsTests.weights(function: .linear)
    #expect(weights.network.parameters.allSatisfy { $0.isBias || $0.initialisation == .glorot })
  }

  @Test func `start embeddings uniform with the wanted deviation and moments of zero`() {
    let table = WeightsTests.weights().tables[0][0]
    #expect(table.record == 15 && table.storage.count == 2_000 * 15)
    var square = 0.0
    var sum = 0.0
    for row in 0..<table.rowCount {
      for column in 0..<table.dimension {
        let value = Double(table.values[row, column])
        #expect(abs(value) <= 3.0.squareRoot() * 0.01 + 1e-7)
        square += value * value
        sum += value
        if table.moments(0)[row, column] != 0 || table.moments(1)[row, column] != 0 {
          Issue.record("a moment of row \(row) is not zero")
        }
      }
    }
    let count = 10_000.0
    #expect(abs((square / count).squareRoot() / 0.01 - 1) < 5 / (2 * count).squareRoot())
    #expect(abs(sum / count) < 5 * 0.01 / count.squareRoot())
  }

  @Test func `equal those of the same seed alone`() {
    func bits(_ weights: Weights) -> [UInt32] {
      let storages = [weights.dense.storage] + weights.tables.joined().map(\.storage)
      return storages.flatMap { storage in
        (0..<storage.count).map { storage[$0].bitPattern }
      }
    }
    func tiny(_ seed: UInt64) -> [UInt32] {
      bits(
        Weights(
          network: ArchitectureTests.network(.singleTask), momentCount: 0, seed: seed))
    }
    #expect(tiny(1) == tiny(1))
    #expect(zip(tiny(1), tiny(2)).count { $0 == $1 } < tiny(1).count / 2)
  }

  @Test func `of tasks and experts differ from each other`() {
    let weights = WeightsTests.weights()
    let experts = weights.network.parameters.filter { $0.name.hasSuffix("/0/weight") }
    let starts = Set(experts.map { weights.dense.storage[$0.offset] })
    #expect(starts.count == experts.count)
  }

  @Test func `take the tasks' base rates into the logits' biases`() {
    let weights = WeightsTests.weights()
    func bias(_ task: String) -> Float? {
      weights.network.parameters.first { $0.name == "\(task)/logit/bias" }.map {
        weights.dense.storage[$0.offset]
      }
    }
    weights.setBaseRates([0.2, 0])
    #expect(bias("click") == Float(log(0.25)))
    #expect(bias("cart") == Float(log(1e-6 / (1 - 1e-6))))
    weights.setBaseRates([0.5, 1])
    #expect(bias("click") == 0)
    #expect((bias("cart") ?? 0) > 13)
    let others = weights.network.parameters.filter {
      $0.isBias && !$0.name.contains("logit")
    }
    #expect(others.allSatisfy { WeightsTests.values($0, weights).allSatisfy { $0 == 0 } })
  }

  @Test func `of tables without rows trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = EmbeddingTable(name: "none", rowCount: 0, dimension: 1, momentCount: 0)
    }
  }
}
