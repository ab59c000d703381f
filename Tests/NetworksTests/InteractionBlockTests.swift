import Foundation
import Interactions
import Matrices
import Networks
import TestSupport
import Testing

/// What blocks of feature interactions add to a network.
struct InteractionBlockTests {
  static let all = InteractionBlock.Kind.allCases.map { InteractionBlock($0) }

  static func network(
    _ architecture: Architecture, _ blocks: [InteractionBlock], conditioned: Bool = false
  ) -> Network {
    var settings = ArchitectureTests.settings
    settings.interactions = blocks
    return architecture.make(
      schema: TinyLog.schema, taskNames: TinyLog.taskNames, settings: settings,
      conditioned: conditioned)
  }

  @Test(arguments: Architecture.allCases) func `stand on every input, with its prefix and tasks`(
    architecture: Architecture
  ) {
    let network = InteractionBlockTests.network(architecture, InteractionBlockTests.all)
    #expect(Set(network.parameters.map(\.name)).count == network.parameters.count)
    for (index, input) in network.inputs.enumerated() {
      let own = network.parameters.filter { $0.name.hasPrefix("\(input.prefix)dcn/") }
      #expect(
        own.map(\.name)
          == (0..<2).flatMap { level in
            ["weight", "bias"].map { "\(input.prefix)dcn/\(level)/\($0)" }
          })
      #expect(own.allSatisfy { $0.tasks == network.tasks(ofInput: index) })
    }
    for (name, tasks) in ArchitectureTests.reach(network) {
      let owner = OwnTask.of(name)
      #expect(tasks == owner.map { [$0] } ?? [0, 1, 2], "\(name)")
    }
  }

  @Test func `widen what is read by their outputs, after the input unless one carries it`() {
    func width(_ blocks: [InteractionBlock]) -> Int? {
      InteractionBlockTests.network(.sharedBottom, blocks).parameters
        .first { $0.name == "bottom/0/weight" }?.columns
    }
    // Embeddings 3, 2, 2, 2 and two numbers; three of the embeddings can be multiplied.
    #expect(width([]) == 11)
    #expect(width([.fm]) == 11 + 2)
    #expect(width([InteractionBlock(.dcn)]) == 11)
    #expect(width([InteractionBlock(.senet)]) == 11 + 9)
    #expect(width([InteractionBlock(.fibinet)]) == 11 + 2 * 3 * 2)
    #expect(width([InteractionBlock(.masknet)]) == 3 * 64)
    #expect(width([.masknet(MaskNet(arrangement: .serial))]) == 64)
    #expect(width([.fm, InteractionBlock(.dcn), InteractionBlock(.masknet)]) == 2 + 11 + 3 * 64)
  }

  @Test func `have the expected number of parameters`() {
    func count(_ block: InteractionBlock) -> Int {
      InteractionBlockTests.network(.mmoe, [block]).parameters
        .filter { $0.name.hasPrefix("\(block.kind)/") }.reduce(0) { $0 + $1.count }
    }
    #expect(count(.fm) == 0)
    #expect(count(.dcn(CrossNetwork(layers: 3))) == 3 * (11 * 11 + 11))
    #expect(count(.dcn(CrossNetwork(layers: 3, rank: 2))) == 3 * (2 * 11 * 2 + 11))
    let senet = 4 * 2 + 2 + 2 * 4 + 4
    #expect(count(.senet(SENet(reduction: 2))) == senet)
    for (bilinear, matrices) in [(FiBiNET.Bilinear.all, 1), (.each, 2), (.interaction, 3)] {
      let block = InteractionBlock.fibinet(FiBiNET(bilinear: bilinear, reduction: 2))
      #expect(count(block) == senet + 2 * matrices * 2 * 2)
    }
    let mask = (11 * 22 + 22) + (22 * 11 + 11) + 11 * 5 + 2 * 5
    #expect(count(.masknet(MaskNet(blocks: 1, width: 5, ratio: 2))) == 2 * 11 + mask)
  }

  @Test func `count among the network's multiply-adds`() {
    let plain = InteractionBlockTests.network(.sharedBottom, []).multiplyAdds
    #expect(plain == 11 * 6 + 6 * 5 + 3 * (5 * 3 + 3))
    let crossed = InteractionBlockTests.network(.sharedBottom, [InteractionBlock(.dcn)])
    #expect(crossed.multiplyAdds == plain + 2 * 11 * 11)
    let bilinear = InteractionBlockTests.network(
      .sharedBottom, [.fibinet(FiBiNET(reduction: 4))])
    // Twice two projections of 2 × 2, four hidden layers of one value, twelve more columns to read.
    #expect(bilinear.multiplyAdds == plain + 2 * 2 * 4 + 4 + 4 + 12 * 6)
    let conditioned = InteractionBlockTests.network(.sharedBottom, [], conditioned: true)
    #expect(conditioned.multiplyAdds == plain)
  }

  @Test(arguments: Architecture.allCases)
  func `start as the unconditioned network, whatever the preference`(architecture: Architecture) {
    let weights = [false, true].map {
      Weights(
        network: InteractionBlockTests.network(
          architecture, InteractionBlockTests.all, conditioned: $0), momentCount: 1, seed: 5,
        embeddingDeviation: 0.5)
    }
    let plain = ConditionedNetworkTests.logits(weights[0], nil)
    #expect(ConditionedNetworkTests.logits(weights[1], Preference([1, 2, 3])) == plain)
  }

  @Test func `of a rank that the input's columns do not reach are full`() {
    let full = InteractionBlockTests.network(.mmoe, [.dcn(CrossNetwork())])
    let wide = InteractionBlockTests.network(.mmoe, [.dcn(CrossNetwork(rank: 11))])
    #expect(wide.parameters.map(\.name) == full.parameters.map(\.name))
    #expect(wide.multiplyAdds == full.multiplyAdds)
  }

  @Test func `that do not suit the input trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = InteractionBlockTests.network(.mmoe, [.fm, .fm])
    }
    await #expect(processExitsWith: .failure) {
      _ = Architecture.mmoe.make(
        schema: InputSchema(tables: [], lookups: [], numbers: ["price"]), taskNames: ["click"],
        settings: NetworkSettings(interactions: [.fm]))
    }
    await #expect(processExitsWith: .failure) { _ = CrossNetwork(layers: 0) }
    await #expect(processExitsWith: .failure) { _ = MaskNet(ratio: 0) }
  }

  @Test(arguments: [
    #"{"kind": "dcn", "layers": 0}"#, #"{"kind": "dcn", "layers": 1, "rank": 0}"#,
    #"{"kind": "senet", "reduction": 0}"#,
    #"{"kind": "fibinet", "bilinear": "field_all", "reduction": -1}"#,
    #"{"kind": "masknet", "arrangement": "serial", "blocks": 2, "width": 0, "ratio": 1}"#,
  ])
  func `with settings of a damaged file are not read`(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(InteractionBlock.self, from: Data(text.utf8))
    }
  }
}
