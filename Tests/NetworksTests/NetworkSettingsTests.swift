import Foundation
import Networks
import Testing

/// Settings as a model's file holds them.
struct NetworkSettingsTests {
  /// The defaults' JSON with one key set.
  static func json(_ key: String, _ value: Any) throws -> Data {
    let usual = try JSONSerialization.jsonObject(with: JSONEncoder().encode(NetworkSettings()))
    var object = try #require(usual as? [String: Any])
    object[key] = value
    return try JSONSerialization.data(withJSONObject: object)
  }

  static func gate(_ key: String, _ value: Any) -> [String: Any] {
    var settings: [String: Any] = [
      "kind": "dselect_k", "selected": 2, "smooth_step": 1, "entropy": 0.5, "static": true,
    ]
    settings[key] = value
    return settings
  }

  @Test func `of every gate and normalisation come back`() throws {
    for gate in [
      GateFunction.softmax, .dselectK(DSelectK()),
      .dselectK(DSelectK(selected: 3, smoothStep: 0.5, entropy: 0, isStatic: true)),
    ] {
      let settings = NetworkSettings(
        embeddingDropout: 0.25, gate: gate, expertNormalization: .layer)
      let again = try JSONDecoder().decode(
        NetworkSettings.self, from: JSONEncoder().encode(settings))
      #expect(again == settings)
    }
  }

  @Test func `out of range are refused, and do not trap`() throws {
    let damaged: [(String, Any)] = [
      ("experts", 0), ("levels", -1), ("tower", [4, 0]), ("dropout", -0.5), ("dropout", 1),
      ("embedding_dropout", -0.1), ("embedding_dropout", 1), ("expert_dropout", 2),
      ("gate_temperature", 0), ("load_balancing", -1), ("propensity_floor", 0),
      ("expert_normalization", "batch"), ("gate", "hardmax"), ("gate", Self.gate("selected", 0)),
      ("gate", Self.gate("selected", 1_000_000)), ("gate", Self.gate("smooth_step", 0)),
      ("gate", Self.gate("entropy", -1)), ("gate", Self.gate("kind", "dselect")),
    ]
    for (key, value) in damaged {
      let data = try Self.json(key, value)
      #expect(throws: DecodingError.self, "\(key) \(value)") {
        try JSONDecoder().decode(NetworkSettings.self, from: data)
      }
    }
    let sound = try Self.json("gate", Self.gate("selected", 4))
    #expect(throws: Never.self) { try JSONDecoder().decode(NetworkSettings.self, from: sound) }
  }

  @Test func `of softmax gates go with no other`() async throws {
    var settings = try #require(
      try JSONSerialization.jsonObject(with: Self.json("gate", "dselect_k")) as? [String: Any])
    settings["expert_dropout"] = 0.5
    let data = try JSONSerialization.data(withJSONObject: settings)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(NetworkSettings.self, from: data)
    }
    await #expect(processExitsWith: .failure) {
      _ = NetworkSettings(gate: .dselectK(DSelectK()), gateTemperature: 2)
    }
    await #expect(processExitsWith: .failure) { _ = DSelectK(selected: 0) }
  }
}
