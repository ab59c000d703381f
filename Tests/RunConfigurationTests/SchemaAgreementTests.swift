import Foundation
import Interactions
import Networks
import Optimizers
import RankingMetrics
import RunConfiguration
import Testing

/// The schema and the Swift types say the same.
struct SchemaAgreementTests {
  private typealias Run = RunConfiguration

  private func schema() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(Run.schemaJSON.utf8))
    return try #require(object as? [String: Any])
  }

  /// The schema's value at a path of keys and positions.
  private func value(_ path: String) throws -> Any {
    var current: Any = try schema()
    for step in path.split(separator: ".").map(String.init) {
      if let list = current as? [Any], let index = Int(step) {
        current = list[index]
      } else {
        current = try #require((current as? [String: Any])?[step], "no \(step) in \(path)")
      }
    }
    return current
  }

  /// The alternative of a section that is for `kind`.
  private func branch(_ kind: String, of section: String) throws -> [String: Any] {
    let branches = try #require(try value("properties.\(section).oneOf") as? [[String: Any]])
    return try #require(
      branches.first { branch in
        let properties = branch["properties"] as? [String: [String: Any]]
        return properties?["kind"]?["const"] as? String == kind
      })
  }

  private func keys(_ schema: [String: Any]) throws -> Set<String> {
    Set(try #require(schema["properties"] as? [String: Any]).keys)
  }

  private func kinds(_ path: String) throws -> [String] {
    let branches = try #require(try value(path) as? [Any])
    return try branches.indices.map {
      try #require(try value("\(path).\($0).properties.kind.const") as? String)
    }
  }

  private func names<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> [String] {
    T.allCases.map(\.rawValue)
  }

  @Test func `a file that sets nothing gets the defaults of the types`() throws {
    let run = try Run(yaml: Fixtures.smallest)
    let bare = Run(
      impressions: .init(rows: .relation(.init(name: "views")), time: "shown_at"),
      tasks: [.init(name: "click", label: "clicked")],
      features: [.init(name: "price", column: "price", encoding: .number(.init()))])
    #expect(run == bare)
    let stopping = try Run(yaml: Fixtures.smallest + "training: {early_stopping: {}}\n")
    #expect(stopping.training.earlyStopping == .init())
  }

  @Test func `kinds of the schema are the cases of the types`() throws {
    #expect(try kinds("properties.optimizer.oneOf") == names(OptimizerKind.self))
  }

  @Test(arguments: OptimizerKind.allCases)
  func `an optimizer takes the settings of its kind and has its defaults`(kind: OptimizerKind)
    throws
  {
    let shared: Set = [
      "kind", "clip_norm", "schedule", "warm_up_steps", "final_share", "embeddings",
    ]
    let keys = try keys(branch(kind.rawValue, of: "optimizer"))
    #expect(keys == shared.union(kind.settingNames))
    let run = try Run(yaml: Fixtures.smallest + "optimizer: {kind: \(kind.rawValue)}\n")
    #expect(run.optimizer == Run.Optimizer(rule: Optimizer(kind: kind)))
  }

  @Test func `choices of the schema are the cases of the types`() throws {
    func choices(_ path: String) throws -> [String] {
      try #require(try value(path + ".enum") as? [String])
    }
    let network = "properties.network.properties."
    #expect(try choices(network + "architecture") == names(Architecture.self) + ["auto"])
    #expect(
      try choices(network + "activation") == ActivationFunction.hidden.map(\.rawValue))
    #expect(try choices(network + "expert_normalization") == names(ExpertNormalization.self))
    #expect(try choices(network + "gate.oneOf.0") == names(GateFunction.Kind.self))
    #expect(
      try (1...2).map { try value("\(network)gate.oneOf.\($0).properties.kind.const") as? String }
        == names(GateFunction.Kind.self))
    let blocks = network + "interactions.items.oneOf."
    #expect(try choices(blocks + "0") == names(InteractionBlock.Kind.self))
    #expect(
      try (1...5).map { try value("\(blocks)\($0).properties.kind.const") as? String }
        == names(InteractionBlock.Kind.self))
    #expect(
      try choices(blocks + "4.properties.bilinear") == names(FiBiNET.Bilinear.self))
    #expect(
      try choices(blocks + "5.properties.arrangement") == names(MaskNet.Arrangement.self))
    #expect(
      try choices("properties.training.properties.early_stopping.properties.rule")
        == names(ValidationRule.self))
    #expect(
      try choices("properties.training.properties.calibration") == names(ScoreCalibration.Kind.self)
    )
    #expect(try choices("$defs.schedule") == names(LearningRateSchedule.Shape.self))
    let features = "properties.features.items.oneOf."
    #expect(
      try choices(features + "2.properties.transform")
        == names(FeatureDefinition.NumberScaling.Transform.self))
    #expect(try choices(features + "3.properties.pooling") == names(InputSchema.Pooling.self))
    #expect(
      try [4, 5].map { try #require(try value("\(features)\($0).required.0") as? String) }
        == names(FeatureDefinition.TimePart.self))
  }

  @Test(arguments: InteractionBlock.Kind.allCases)
  func `a block's name and its bare map are the block with the type's defaults`(
    kind: InteractionBlock.Kind
  ) throws {
    for item in [kind.rawValue, "{kind: \(kind.rawValue)}"] {
      let run = try Run(
        yaml: """
          impressions: {from: views, time: shown_at}
          tasks: [{name: click, label: clicked}]
          features: [{id: user}, {id: item}]
          network: {interactions: [\(item)]}
          """)
      #expect(run.network.settings.interactions == [InteractionBlock(kind)])
    }
  }

  @Test(arguments: GateFunction.Kind.allCases)
  func `a gate's name and its bare map are the gate with the type's defaults`(
    kind: GateFunction.Kind
  ) throws {
    for gate in [kind.rawValue, "{kind: \(kind.rawValue)}"] {
      let run = try Run(yaml: Fixtures.smallest + "network: {gate: \(gate)}\n")
      #expect(run.network.settings.gate == GateFunction(kind))
    }
  }

  @Test func `a gate may select as many experts as the architecture lets it mix`() throws {
    func run(_ architecture: String, _ selected: Int) throws -> Run {
      try Run(
        yaml: Fixtures.smallest + """
          network:
            architecture: \(architecture)
            experts: 3
            task_experts: 2
            gate: {kind: dselect_k, selected: \(selected)}
          """)
    }
    // A single task: with its own experts there are five.
    for (architecture, count) in ["mmoe": 3, "omoe": 3, "auto": 3, "cgc": 5, "ple": 5, "stem": 5] {
      #expect(throws: Never.self) { try run(architecture, count) }
      #expect(throws: ConfigurationError.self) { try run(architecture, count + 1) }
    }
  }

  @Test func `settings of blocks come back from JSON`() throws {
    let run = try Run(yaml: Fixtures.text("good/everything.yaml"))
    let json = Data(try run.canonicalJSON().utf8)
    #expect(try JSONDecoder().decode(Run.self, from: json) == run)
  }

  /// A key that a section takes but no type reads would silently do nothing.
  @Test func `what a file sets is in the JSON under the same keys`() throws {
    let json = try Run(yaml: Fixtures.text("good/everything.yaml")).canonicalJSON()
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
    let run = try #require(object as? [String: Any])
    for section in ["network", "training", "output", "limits", "nightly"] {
      let written = try #require(run[section] as? [String: Any])
      let schema = try #require(try value("properties.\(section)") as? [String: Any])
      #expect(try Set(written.keys) == keys(schema))
    }
    for section in ["combiner", "optimizer"] {
      let written = try #require(run[section] as? [String: Any])
      let kind = try #require(written["kind"] as? String)
      #expect(try Set(written.keys) == keys(branch(kind, of: section)))
    }
    let task = try #require((run["tasks"] as? [[String: Any]])?.first)
    let tasks = try #require(try value("properties.tasks.items") as? [String: Any])
    #expect(try Set(task.keys).union(["after", "reads", "window"]) == keys(tasks))
  }

  @Test func `every key has a description`() throws {
    var missing: [String] = []
    func visit(_ node: Any, _ path: String) {
      if let map = node as? [String: Any] {
        for (key, value) in (map["properties"] as? [String: [String: Any]]) ?? [:]
        where value["description"] == nil && value["$ref"] == nil {
          missing.append("\(path).\(key)")
        }
        for (key, value) in map { visit(value, "\(path).\(key)") }
      } else if let list = node as? [Any] {
        for (index, value) in list.enumerated() { visit(value, "\(path).\(index)") }
      }
    }
    visit(try schema(), "")
    #expect(missing == [])
  }
}
