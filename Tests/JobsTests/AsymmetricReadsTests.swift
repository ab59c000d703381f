import Foundation
import Jobs
import Testing

/// Which bottoms tasks of an asymmetric network read beside their own.
struct AsymmetricReadsTests {
  @Test(.timeLimit(.minutes(10)))
  func `a task that names none reads the one that it comes after`() throws {
    let shop = try Shop("asymmetric_reads", impressions: 600)
    func weights(_ reads: String...) throws -> Data {
      let settings = reads.enumerated().map { "tasks.\($0).reads=\($1)" }
      let model = try shop.train(
        shop.configuration(
          "network={architecture: asymmetric, bottom: [6], tower: [4]}", "training.epochs=1",
          settings[0], settings[1]),
        to: "model\(reads.joined())"
      ).model
      return try shop.bytes("weights.safetensors", of: model)
    }
    let unsaid = try weights("[purchase]", "null")
    #expect(try unsaid == weights("[purchase]", "[click]"))
    #expect(try unsaid != weights("[purchase]", "[]"))
  }
}
