import Combiners
import Foundation
import Gates
import Interactions
import Networks
import Optimizers
import RankingMetrics
import RunConfiguration
import Testing

/// What a configuration that loads holds.
struct LoadingTests {
  @Test func `the first page's example loads as it reads`() throws {
    let run = try RunConfiguration(yaml: Fixtures.text("good/readme.yaml"))
    #expect(run.database == DatabaseAddress("postgresql://trainer@db/shop"))
    #expect(
      run.impressions
        == RunConfiguration.Impressions(
          rows: .relation(.init(name: "labelled_impressions")), time: "shown_at",
          request: "request_id", user: "user_id", item: "item_id"))
    #expect(run.tasks.map(\.name) == ["click", "add_to_cart", "purchase"])
    #expect(run.tasks.map(\.after) == [nil, "click", "add_to_cart"])
    let ids = FeatureDefinition.IDTable(rows: .vocabulary(minimumCount: 2), dimension: 16)
    let brands = FeatureDefinition.IDTable(rows: .vocabulary(minimumCount: 1), dimension: 8)
    let recent = FeatureDefinition.IDList(
      table: .shared(feature: "item_id"), pooling: .mean, longest: 50)
    #expect(
      run.features == [
        FeatureDefinition(name: "user_id", column: "user_id", encoding: .id(ids)),
        FeatureDefinition(name: "item_id", column: "item_id", encoding: .id(ids)),
        FeatureDefinition(name: "brand", column: "brand", encoding: .id(brands)),
        FeatureDefinition(
          name: "price", column: "price", encoding: .number(.init(transform: .log1p))),
        FeatureDefinition(name: "recent_items", column: "recent_items", encoding: .list(recent)),
      ])
    let day = Timestamp.microsecondsPerDay
    #expect(run.split == .lengths(train: 28 * day, validation: day, test: day))
    #expect(run.network == RunConfiguration.Network())
    #expect(run.combiner.kind == .pcgrad)
    #expect(run.optimizer == RunConfiguration.Optimizer())
    #expect(run.training == RunConfiguration.Training(batch: 4096, epochs: 3, seed: 7))
    #expect(run.scoring == nil)
  }

  @Test func `every kind of feature reaches its place`() throws {
    let run = try RunConfiguration(yaml: Fixtures.text("good/features.yaml"))
    let hour = Timestamp.microsecondsPerHour
    let vocabulary = FeatureDefinition.Rows.vocabulary
    let list = FeatureDefinition.IDList.Table.own(.init(rows: vocabulary(2), dimension: 16))
    let expected: [FeatureDefinition] = [
      .init(
        name: "user_id_rate", column: "user_id",
        encoding: .rate(
          .init(
            tasks: [
              .init(name: "click", window: 6 * hour), .init(name: "purchase", window: 72 * hour),
            ], prior: 20))),
      .init(
        name: "taste", column: "item_id",
        encoding: .rate(
          .init(tasks: [.init(name: "purchase", window: 72 * hour)], prior: 5.5, isOwn: true))),
      .init(
        name: "user_id_x_hour", column: "user_id",
        encoding: .cross(of: ["user_id", "hour"], .init(rows: vocabulary(2), dimension: 8))),
      .init(
        name: "three", column: "shown_at",
        encoding: .cross(
          of: ["hour", "brand", "user_id"], .init(rows: vocabulary(3), dimension: 4))),
      .init(
        name: "hashed", column: "user_id",
        encoding: .cross(
          of: ["user_id", "brand"], .init(rows: .hashed(rowCount: 1_000), dimension: 8))),
      .init(name: "image", column: "image", encoding: .vector(.init(length: 64))),
      .init(
        name: "words", column: "text", encoding: .vector(.init(length: 8, standardise: false))),
      .init(
        name: "price", column: "price",
        encoding: .number(.init(output: .piecewiseLinear(bins: 16)))),
      .init(
        name: "age", column: "age",
        encoding: .number(
          .init(transform: .log1p, lowest: 0, output: .piecewiseLinear(bins: 8)))),
      .init(
        name: "recent", column: "recent",
        encoding: .list(.init(table: list, pooling: .mean, longest: 5, excess: .keepLast))),
      .init(
        name: "seen", column: "seen",
        encoding: .list(.init(table: list, pooling: .mean, longest: 50, excess: .refuse))),
    ]
    #expect(Array(run.features.dropFirst(3)) == expected)
    let again = try JSONDecoder().decode(
      [FeatureDefinition].self, from: JSONEncoder().encode(run.features))
    #expect(again == run.features)
  }

  @Test func `features as earlier models have stored them are read`() throws {
    let stored = """
      [{"name":"user_id","column":"user_id",
        "encoding":{"id":{"_0":{"rows":{"vocabulary":{"minimumCount":2}},"dimension":16}}}},
       {"name":"price","column":"price",
        "encoding":{"number":{"_0":{"transform":"log1p","output":{"float":{"standardise":true}}}}}},
       {"name":"recent","column":"recent",
        "encoding":{"list":{"_0":{"table":{"shared":{"feature":"user_id"}},"pooling":"mean",
          "longest":50}}}}]
      """
    let features = try JSONDecoder().decode([FeatureDefinition].self, from: Data(stored.utf8))
    #expect(
      features.map(\.encoding) == [
        .id(.init(rows: .vocabulary(minimumCount: 2), dimension: 16)),
        .number(.init(transform: .log1p)),
        .list(.init(table: .shared(feature: "user_id"), pooling: .mean, longest: 50)),
      ])
  }

  @Test func `every key of the full example reaches its place`() throws {
    let run = try RunConfiguration(yaml: Fixtures.text("good/everything.yaml"))
    #expect(
      run.impressions.rows
        == .query("SELECT * FROM shop.impressions JOIN shop.items USING (item_id)\n"))
    #expect(run.impressions.condition == "surface = 'home' AND NOT is_bot")
    #expect(run.taskWeights == [0.5, 2])
    #expect(run.tasks.map(\.truth) == ["true_click", nil])
    #expect(run.tasks.map(\.learningRate) == [2, nil])
    #expect(run.tasks.map(\.labelSmoothing) == [0.01, nil])
    #expect(run.tasks.map(\.reads) == [nil, ["click"]])
    #expect(
      run.features.map(\.name) == [
        "user_id", "item", "brand", "country", "price", "age", "recent_items", "tags",
        "shown_at_hour", "day",
      ])
    #expect(
      run.features[1].encoding == .id(.init(rows: .hashed(rowCount: 1_000_000), dimension: 16)))
    #expect(
      run.features[4].encoding
        == .number(
          .init(
            transform: .log1p, lowest: 0, highest: 10_000, output: .float(standardise: false))))
    #expect(
      run.features[5].encoding == .number(.init(output: .buckets(count: 10, dimension: 3))))
    #expect(
      run.features[6].encoding
        == .list(.init(table: .shared(feature: "item"), pooling: .attention, longest: 20)))
    #expect(
      run.features[7].encoding
        == .list(
          .init(
            table: .own(.init(rows: .vocabulary(minimumCount: 3), dimension: 6)), pooling: .max,
            longest: 50)))
    #expect(run.features[8].encoding == .timePart(.hour, dimension: 2))
    let day = Timestamp.microsecondsPerDay
    let january = 20_089 * day
    #expect(
      run.split
        == .windows(
          train: .init(from: january, to: january + 31 * day),
          validation: .init(from: january + 31 * day, to: january + 32 * day),
          test: .init(from: january + 32 * day, to: january + 33 * day)))
    #expect(
      run.network
        == .init(
          architecture: .omoe,
          settings: NetworkSettings(
            experts: 8, expert: [64], bottom: [512, 256], tower: [], activation: .gelu,
            dropout: 0.1, embeddingDropout: 0.05,
            gate: .dselectK(
              DSelectK(selected: 4, smoothStep: 0.5, entropy: 0.01, isStatic: true)),
            expertNormalization: .layer,
            interactions: [
              .fm, .dcn(CrossNetwork(layers: 3, rank: 8)), .senet(SENet(reduction: 2)),
              .fibinet(FiBiNET(bilinear: .each, reduction: 4)),
              .masknet(MaskNet(arrangement: .serial, blocks: 2, width: 32, ratio: 0.5)),
            ], attention: [24, 12])))
    let balance = CombinerSettings([
      .main: .text("purchase"), .strategy: .text("a"), .relax: .number(0.5), .beta: .number(0.99),
      .scope: .text("all"), .per: .text("block"), .every: .number(1),
    ])
    #expect(run.combiner == .init(kind: .metabalance, settings: balance))
    #expect(
      run.optimizer
        == .init(
          rule: Optimizer(
            kind: .adamw, learningRate: 1e-4, weightDecay: 1e-5, beta1: 0.8, beta2: 0.99,
            epsilon: 1e-6,
            embeddings: .init(learningRate: 2e-4, weightDecay: 0, beta1: 0, rowDecay: 0.03)),
          clipNorm: 5,
          schedule: LearningRateSchedule(shape: .cosine, warmUpSteps: 100, finalShare: 0.05)))
    #expect(
      run.training
        == .init(
          batch: 1024, epochs: 10, seed: 11, workers: 2, microBatch: 64, shuffle: false,
          negatives: 0.2, memory: 4_000_000_000,
          earlyStopping: .init(patience: 2, rule: .worstAUC, by: .task),
          weightAverage: 0.25, calibration: .isotonic))
    #expect(run.scoring?.destination == .table(.init(schema: "shop", name: "scores")))
    #expect(run.scoring?.value.variables == ["click", "purchase", "price", "discount"])
    #expect(run.scoring?.top == 100)
    #expect(run.scoring?.keep == 5)
    #expect(run.output == .init(models: "/srv/models", name: "shop-home"))
    #expect(run.impressions.key == "impression_id")
    #expect(run.impressions.weight == "importance")
    #expect(run.impressions.clock == "SELECT complete_until FROM shop.log_end")
    #expect(run.tasks.map(\.window) == [nil, 3 * day])
    #expect(
      run.limits == .init(statement: 3_600_000_000, lock: 10_000_000, retry: 120_000_000))
    #expect(
      run.nightly
        == .init(
          start: .scratch, epochs: 2, evaluation: 2 * day, lateness: day / 2, evictAfter: 90 * day,
          checkpoint: 120_000_000, keep: 3, report: "/srv/report",
          metricsFile: "/var/lib/node_exporter/paretorank.prom",
          gate: .init(
            tolerance: 0.01, evidence: .notWorse, calibration: 1.2, minimumPositives: 50,
            rowRatio: 2, labelRatio: 2, missingRise: 0.1, newIDRise: 0.2, stability: 0.25)))
  }

  @Test(arguments: Fixtures.names(in: "good"))
  func `JSON and back is the same configuration`(name: String) throws {
    let run = try RunConfiguration(yaml: Fixtures.text("good/\(name).yaml"))
    let json = try run.canonicalJSON()
    let again = try JSONDecoder().decode(RunConfiguration.self, from: Data(json.utf8))
    #expect(again == run)
    #expect(try again.canonicalJSON() == json)
  }

  @Test func `a random split takes shares and a seed`() throws {
    let run = try RunConfiguration(
      yaml: Fixtures.smallest + "split: {by: random, train: 0.6, seed: 3}\n")
    #expect(run.split == .random(train: 0.6, validation: 0.1, test: 0.1, seed: 3))
  }

  @Test func `weights of the static combiner win over those of the tasks`() throws {
    let yaml = """
      impressions: {from: views, time: shown_at}
      tasks: [{name: a, label: a1, weight: 3}, {name: b, label: b1, weight: 4}]
      features: [{number: price}]
      combiner: {weights: {b: 0.25}}
      """
    #expect(try RunConfiguration(yaml: yaml).taskWeights == [3, 0.25])
  }

  @Test func `texts that look like something else stay texts where a text is due`() throws {
    let run = try RunConfiguration(
      yaml: Fixtures.smallest + "output: {name: 2025, models: yes}\n")
    #expect(run.output == .init(models: "yes", name: "2025"))
  }

  @Test func `a file is loaded, and a missing one, a folder and a binary one are told apart`()
    throws
  {
    let folder = Fixtures.folder
    let path = folder.appendingPathComponent("good/smallest.yaml").path
    #expect(try RunConfiguration.load(path: path).tasks.count == 1)
    #expect(throws: ConfigurationError.missingFile(path: "/nowhere/x.yaml")) {
      try RunConfiguration.load(path: "/nowhere/x.yaml")
    }
    #expect(
      throws: ConfigurationError.unreadable(path: folder.path, reason: "it is a directory")
    ) { try RunConfiguration.load(path: folder.path) }
    let binary = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).yaml")
    try Data([0xFF, 0xFE, 0x00]).write(to: binary)
    defer { try? FileManager.default.removeItem(at: binary) }
    #expect(
      throws: ConfigurationError.unreadable(path: binary.path, reason: "it is not UTF-8 text")
    ) { try RunConfiguration.load(path: binary.path) }
  }

  @Test(arguments: [("{architecture: auto}", false), ("{architecture: auto, experts: 4}", true)])
  func `an architecture that is to be chosen leaves what was set`(
    network: String, keepsExperts: Bool
  ) throws {
    let run = try RunConfiguration(
      yaml: """
        impressions: {from: log, time: shown_at}
        tasks: [{name: click, label: clicked}]
        features: [{number: price}]
        network: \(network)
        """)
    #expect(run.network.automatic == .init(keepsExperts: keepsExperts))
    #expect(run.network.name == "auto")
    let data = try JSONEncoder().encode(run)
    #expect(try JSONDecoder().decode(RunConfiguration.self, from: data) == run)
  }
}
