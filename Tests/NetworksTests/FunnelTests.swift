import Foundation
import Interactions
import Matrices
import Networks
import TestSupport
import Testing

/// Which task follows which, and what architectures make of it.
struct FunnelTests {
  static let funnel = Funnel(predecessors: [2, 0, nil, 2])

  @Test func `chains lead from the first task to the last`() {
    #expect((0..<4).map(FunnelTests.funnel.chain) == [[2, 0], [2, 0, 1], [2], [2, 3]])
    #expect(Funnel.none(taskCount: 2).chain(to: 1) == [1])
  }

  @Test func `funnels in a circle or of unknown tasks trap`() async {
    await #expect(processExitsWith: .failure) { _ = Funnel(predecessors: [1, 0]) }
    await #expect(processExitsWith: .failure) { _ = Funnel(predecessors: [0]) }
    await #expect(processExitsWith: .failure) { _ = Funnel(predecessors: [nil, 2]) }
    await #expect(processExitsWith: .failure) {
      _ = Architecture.esmm.make(
        schema: TinyLog.schema, taskNames: ["click"], settings: NetworkSettings(),
        funnel: TinyLog.funnel)
    }
  }

  @Test(arguments: [Architecture.asymmetric, .esmm, .escm2, .aitm])
  func `losses reach what their predecessors compute`(architecture: Architecture) {
    var settings = ArchitectureTests.settings
    settings.counterfactual = .doublyRobust
    let network = ArchitectureTests.network(architecture, settings)
    for parameter in network.parameters {
      #expect(
        parameter.tasks == OwnTask.reach(of: parameter.name, in: architecture),
        "\(parameter.name)")
    }
  }

  @Test func `an asymmetric network reads the bottoms that it is told to`() {
    let network = Architecture.asymmetric.make(
      schema: TinyLog.schema, taskNames: TinyLog.taskNames, settings: ArchitectureTests.settings,
      funnel: TinyLog.funnel, reads: [[2], [], [0]])
    for (task, name) in TinyLog.taskNames.enumerated() {
      for parameter in network.parameters where parameter.name.hasPrefix("\(name)/bottom") {
        #expect(parameter.tasks == [[0, 2], [1], [0, 2]][task])
      }
    }
    #expect(
      network.parameters.filter { $0.name.hasSuffix("/reading") }.map(\.name)
        == ["click/reading", "purchase/reading"])
  }

  /// `log(e^x + e^y)`, far apart or not.
  private static func logSum(_ x: Double, _ y: Double) -> Double {
    max(x, y) + log1p(exp(-abs(x - y)))
  }

  @Test(arguments: [-3e38, -1e4, -90, -20, -1, 0, 0.5, 20, 90, 1e4, 3e38])
  func `the logit of a product overflows nowhere`(first: Float) {
    let schema = InputSchema(tables: [], lookups: [], numbers: ["one"])
    let network = Architecture.esmm.make(
      schema: schema, taskNames: ["click", "purchase"],
      settings: NetworkSettings(bottom: [], tower: []), funnel: Funnel(predecessors: [nil, 0]))
    let weights = Weights(network: network, momentCount: 0, seed: nil)
    let log = EncodedLog(
      schema: schema, rowCount: 1, lookups: [], numbers: [Column([0])], taskNames: [], labels: [],
      times: Column([0]))
    for second: Float in [-3e38, -1e4, -90, -20, -1, 0, 0.5, 20, 90, 1e4, 3e38] {
      for parameter in network.parameters where parameter.isBias {
        let isClick = parameter.name.hasPrefix("click")
        weights.dense.storage[parameter.offset] = isClick ? first : second
      }
      let found = ForwardTests.logits(weights, log, microBatch: 1)
      // 1/p − 1 = e^−a + e^−b + e^−(a + b).
      let (a, b) = (Double(first), Double(second))
      let expected = -FunnelTests.logSum(FunnelTests.logSum(-a, -b), -a - b)
      let tolerance = Tolerance.float32(magnitude: abs(expected)) + Tolerance.double
      #expect(found[0] == [first])
      // Only what no float can hold is infinite.
      #expect(
        abs(Double(found[1][0]) - expected) <= tolerance || found[1][0] == Float(expected),
        "\(first) \(second): \(found[1][0]), \(expected)")
    }
  }

  @Test func `base rates go to conditional probabilities`() {
    let network = ArchitectureTests.network(.esmm)
    let weights = Weights(network: network, momentCount: 0, seed: nil)
    weights.setBaseRates([0.5, 0.1, 0.02])
    let biases = network.parameters.filter { $0.name.hasSuffix("/logit/bias") }
      .map { weights.dense.storage[$0.offset] }
    for (bias, rate) in zip(biases, [0.5, 0.2, 0.2]) {
      #expect(abs(Double(bias) - log(rate / (1 - rate))) < 1e-6)
    }
  }

  @Test func `settings of older models have the rest's defaults`() throws {
    let older = """
      {"experts": 2, "task_experts": 1, "levels": 2, "expert": [8], "bottom": [8], "tower": [4],
       "activation": "relu", "dropout": 0}
      """
    #expect(
      try JSONDecoder().decode(NetworkSettings.self, from: Data(older.utf8))
        == NetworkSettings(experts: 2, expert: [8], bottom: [8], tower: [4]))
    var settings = NetworkSettings()
    settings.counterfactual = .doublyRobust
    settings.propensityFloor = 0.2
    #expect(
      try JSONDecoder().decode(NetworkSettings.self, from: JSONEncoder().encode(settings))
        == settings)
  }
}
