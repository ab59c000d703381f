import Foundation
import Interactions
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

  @Test func `a file that sets nothing gets the defaults of the types`() throws {
    let run = try Run(yaml: Fixtures.smallest)
    let bare = Run(
      impressions: .init(rows: .relation(.init(name: "views")), time: "shown_at"),
      tasks: [.init(name: "click", label: "clicked")],
      features: [.init(name: "price", column: "price", encoding: .number(.init()))])
    #expect(run == bare)
  }

  @Test func `each kind's defaults are those of its Swift case`() throws {
    func optimizer(_ kind: String) throws -> Run.Optimizer {
      try Run(yaml: Fixtures.smallest + "optimizer: {kind: \(kind)}\n").optimizer
    }
    #expect(try optimizer("adam") == .init(rule: .adam()))
    #expect(try optimizer("adamw") == .init(rule: .adamw()))
    #expect(try optimizer("adagrad") == .init(rule: .adagrad()))
    #expect(try optimizer("sgd") == .init(rule: .sgd()))
    func combiner(_ settings: String) throws -> Run.Combiner {
      try Run(yaml: Fixtures.smallest + "combiner: {\(settings)}\n").combiner
    }
    #expect(try combiner("") == .weighted(weights: [:]))
    #expect(try combiner("kind: static") == .weighted(weights: [:]))
    #expect(try combiner("kind: uncertainty") == .uncertainty())
    #expect(try combiner("kind: pcgrad") == .pcgrad)
    #expect(try combiner("kind: metabalance, main: click") == .metabalance(main: "click"))
    let stopping = try Run(yaml: Fixtures.smallest + "training: {early_stopping: {}}\n")
    #expect(stopping.training.earlyStopping == .init())
  }

  @Test func `choices of the schema are the cases of the types`() throws {
    func choices(_ path: String) throws -> [String] {
      try #require(try value(path + ".enum") as? [String])
    }
    func names<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> [String] {
      T.allCases.map(\.rawValue)
    }
    let network = "properties.network.properties."
    #expect(try choices(network + "architecture") == names(Run.Network.Architecture.self))
    #expect(try choices(network + "activation") == names(Run.Network.Activation.self))
    #expect(
      try choices("properties.training.properties.early_stopping.properties.rule")
        == names(Run.Training.EarlyStopping.Rule.self))
    #expect(try choices("$defs.schedule") == names(Run.Optimizer.Schedule.self))
    let features = "properties.features.items.oneOf."
    #expect(
      try choices(features + "2.properties.transform")
        == names(FeatureDefinition.NumberScaling.Transform.self))
    #expect(try choices(features + "3.properties.pooling") == names(InputSchema.Pooling.self))
    #expect(
      try choices("properties.combiner.oneOf.3.properties.strategy")
        == names(Run.Combiner.Strategy.self))
    func kinds(_ path: String) throws -> [String] {
      let branches = try #require(try value(path) as? [Any])
      return try branches.indices.map {
        try #require(try value("\(path).\($0).properties.kind.const") as? String)
      }
    }
    #expect(try kinds("properties.combiner.oneOf") == names(Run.Combiner.Kind.self))
    #expect(try kinds("properties.optimizer.oneOf") == names(Run.Optimizer.Kind.self))
    #expect(
      try [4, 5].map { try #require(try value("\(features)\($0).required.0") as? String) }
        == names(FeatureDefinition.TimePart.self))
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
