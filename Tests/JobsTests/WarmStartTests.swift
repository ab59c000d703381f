import Combiners
import Foundation
import Interactions
import Jobs
import Networks
import Optimizers
import RunConfiguration
import Testing
import Training

/// What a night's model hands to the next night.
struct WarmStartTests {
  static let day = Int64(86_400_000_000)

  /// A model's features a day later, with an item that came and all of those seen again.
  static func extended(
    _ model: StoredModel, _ state: NightState
  ) -> (features: FittedFeatures, histories: [String: VocabularyHistory], clock: Int64) {
    let clock = (state.usedRows.readFrom ?? 0) + day
    var ids = IDDictionary(holdsTexts: false)
    let code = ids.insert(987_654_321 as Int64)
    var histories = state.histories
    histories["item_id"]?.add([code], of: ids) { _ in
      .init(count: 1_000, lastDay: Int32(clock / day))
    }
    let (features, kept) = model.features.extended(with: histories, clock: clock, evictAfter: nil)
    return (features, kept, clock)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model of train begins a night, and its night's model keeps what the next needs`() throws {
    let shop = try Shop("warm")
    let configuration = try shop.configuration("combiner.kind=mtadam")
    let model = try StoredModel(
      opening: shop.train(configuration).model, forTraining: true)
    let state = try model.nightState()
    let span = try #require(model.description.span)
    #expect(state.usedRows.readFrom == span.to)
    let item = try #require(model.features.vocabularies["item_id"])
    let trainEnd = try #require(model.description.windows["train"]).to
    #expect(state.histories["item_id"]?.count == item.count)
    #expect(
      Int64(item.id(ofRow: 1)).flatMap { state.histories["item_id"]?[$0]?.lastDay }
        == Int32((trainEnd - 1) / Self.day))
    #expect(state.histories["category"]?.holdsTexts == true)

    #expect(model.differenceForWarmStart(configuration) == nil)
    let (features, histories, clock) = Self.extended(model, state)
    let start = try WarmStart(model, configuration, features: features)
    let items = try #require(start.weights.tables[0].first { $0.name == "item_id" })
    #expect(items.rowCount == item.rowCount + 1)
    #expect(start.position.epoch == 0 && start.position.step == 0)
    #expect(start.position.earlierSteps > 0)

    let combining = try configuration.combiner.kind.make(
      settings: configuration.combiner.settings, taskNames: model.description.taskNames, seed: 7)
    let engine = TrainingEngine(
      weights: start.weights, schema: features.schema, optimizer: configuration.optimizer.rule,
      combining: combining, batchCapacity: 4, seed: 7)
    start.restoreCombining(to: engine)
    #expect(engine.kept.elements != nil)

    var used = state.usedRows
    let empty = EncodedLog(
      schema: features.schema, rowCount: 0, lookups: [], numbers: [],
      taskNames: model.description.taskNames, labels: [Column([]), Column([])], times: Column([]))
    used.add(
      try used.night(
        of: empty, keys: Column([]),
        windows: NightWindows(
          clock: clock + 9 * Self.day, windows: [nil, nil], evaluation: 0, lateness: 0)))
    let night = NightState(histories: histories, usedRows: used)
    var description = model.description
    description.features = features.settings
    let path = "\(shop.folder)/models/night"
    _ = try StoredModel.write(
      description, features: features, engine: engine, position: start.position, night: night,
      to: path)

    let next = try StoredModel(opening: path, forTraining: true)
    let kept = try next.nightState()
    #expect(kept.histories == histories && kept.usedRows == used)
    #expect(kept.usedRows != state.usedRows)
    let again = try WarmStart(next, configuration, features: next.features)
    #expect(again.position == start.position)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(path)/vocabularies").sorted()
        == ["0.history", "0.vocabulary", "1.history", "1.vocabulary", "2.history", "2.vocabulary"])

    for file in ["used_rows", "vocabularies/1.history"] {
      let url = URL(fileURLWithPath: "\(path)/\(file)")
      let whole = try Data(contentsOf: url)
      var changed = whole
      changed[changed.count - 1] ^= 1
      try changed.write(to: url)
      #expect(throws: (any Error).self) { try StoredModel(opening: path) }
      try whole.write(to: url)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a configuration of another form is told by its first difference`() throws {
    let shop = try Shop("warmother")
    let model = try StoredModel(opening: shop.train(shop.configuration()).model)
    for (setting, expected) in [
      ("training.batch=64", nil), ("optimizer.learning_rate=0.1", nil), ("training.seed=8", nil),
      ("network.experts=3", "network"), ("combiner.kind=pcgrad", "combiner"),
      ("tasks.purchase.weight=5", "tasks.weight"),
      ("optimizer.kind=adagrad", "optimizer.kind"), ("features.0.dimension=8", "features"),
    ] as [(String, String?)] {
      #expect(try model.differenceForWarmStart(shop.configuration(setting)) == expected)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model along a funnel goes on along the same one alone`() throws {
    let shop = try Shop("warmfunnel")
    let esmm = try shop.configuration("network.architecture=esmm")
    let model = try StoredModel(opening: shop.train(esmm).model)
    #expect(model.differenceForWarmStart(esmm) == nil)
    let turned = try shop.configuration(
      "network.architecture=esmm", "tasks.0.after=purchase", "tasks.1.after=null")
    #expect(model.differenceForWarmStart(turned) == "tasks.after")
  }
}
