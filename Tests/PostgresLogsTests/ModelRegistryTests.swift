import DatabaseTestSupport
import Foundation
import Interactions
import PostgresLogs
import Testing

/// Which model of a name is in use, and what becomes of the others.
struct ModelRegistryTests {
  let database: FreshDatabase
  let books: Bookkeeping

  init() throws {
    database = try FreshDatabase()
    books = try Bookkeeping(database.connection)
  }

  /// Registers models of versions 1 to `count`, and answers their ids.
  private func register(_ count: Int, name: String = "shop") throws -> [Int] {
    try (1...count).map {
      try books.registerModel(name: name, path: "/m/\(name)/\($0)", digest: "d\($0)")
    }
  }

  private func current() throws -> Int? { try books.currentModel("shop")?.version }

  private func states() throws -> [Bookkeeping.ModelState] {
    try books.models(name: "shop").reversed().map(\.state)
  }

  @Test func `one model of a name is current`() throws {
    let ids = try register(2)
    let other = try register(1, name: "other")[0]
    for id in [ids[0], other] { #expect(try books.promoteModel(id).changed) }
    let result = try books.promoteModel(ids[1], kind: .publish, reason: "better")
    #expect(result.previous == 1)
    #expect(result.model.state == .current)
    #expect(result.model.promotedBy == database.connection.user)
    #expect(try states() == [.retired, .current])
    #expect(try books.models().count == 3)
    #expect(try books.currentModel("other")?.id == other)
    #expect(try books.model("shop", version: 1).retiredAt != nil)
    let history = try books.promotions("shop")
    #expect(history.map(\.version) == [2, 1])
    #expect(history.map(\.previous) == [1, nil])
    #expect(history.map(\.kind) == [.publish, .promote])
    #expect(history[0].reason == "better")
  }

  @Test func `promoting the current model again does nothing but what was to follow`() throws {
    let ids = try register(1)
    try books.promoteModel(ids[0])
    var followed = 0
    let again = try books.promoteModel(ids[0]) { followed += 1 }
    #expect(!again.changed)
    #expect(followed == 1)
    #expect(try books.promotions("shop").count == 1)
  }

  @Test func `a promotion and what follows it happen together or not at all`() throws {
    let ids = try register(2)
    try books.promoteModel(ids[0])
    let run = try books.startRun(kind: "nightly", model: "shop")
    try books.beginStage("publish", run: run)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try books.promoteModel(ids[1], run: run, kind: .publish) {
        try books.finishStage("publish", run: run)
        throw Stop()
      }
    }
    #expect(try current() == 1)
    #expect(try books.stages(ofRun: run)[0].state == .running)
    #expect(try books.promotions("shop").count == 1)
    try books.promoteModel(ids[1], run: run, kind: .publish) {
      try books.finishStage("publish", run: run)
    }
    #expect(try current() == 2)
    #expect(try books.stages(ofRun: run)[0].state == .finished)
    #expect(try books.promotions("shop")[0].run == run)
  }

  @Test func `a run registers its model once`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop")
    let first = try books.registerModel(
      name: "shop", path: "/m", digest: "aa", run: run, dataUntil: 1_000_000)
    let second = try books.registerModel(name: "shop", path: "/m", digest: "aa", run: run)
    let child = try books.registerModel(name: "shop", path: "/n", digest: "bb", parent: first)
    #expect(first == second)
    let model = try #require(try books.model(child))
    #expect(model.version == 2)
    #expect(model.parent == 1)
    #expect(try books.models(ofRun: run).map(\.id) == [first])
    #expect(try books.models(ofRun: run)[0].dataUntil == Moment(1_000_000))
    #expect(try books.model("shop", digest: "bb")?.id == child)
  }

  @Test func `what isn't there is said with what is`() throws {
    _ = try register(2)
    #expect(throws: RegistryError.unknownVersion(7, name: "shop", known: [1, 2])) {
      try books.model("shop", version: 7)
    }
    #expect(throws: RegistryError.unknownName("shoe", known: ["shop"])) {
      try books.model("shoe", version: 1)
    }
    let text = "\(RegistryError.unknownVersion(7, name: "shop", known: [3, 5, 6]))"
    #expect(text == "there is no model version 7 of shop; there are 3, 5, 6")
  }

  @Test func `going back goes one model further each time`() throws {
    let ids = try register(5)
    for id in ids[..<3] { try books.promoteModel(id) }
    #expect(try books.rollback("shop").model.version == 2)
    #expect(try books.rollback("shop", reason: "worse still").model.version == 1)
    #expect(throws: RegistryError.nothingBefore(version: 1, name: "shop")) {
      try books.rollback("shop")
    }
    try books.promoteModel(ids[3])
    #expect(try books.rollbackTarget("shop").version == 1)
    #expect(throws: RegistryError.neverCurrent(version: 5, name: "shop")) {
      try books.rollback("shop", to: 5)
    }
    try books.promoteModel(ids[0])
    #expect(try books.rollback("shop").model.version == 4)
    #expect(try books.rollback("shop", to: 1).model.version == 1)
    #expect(try states() == [.current, .retired, .retired, .retired, .candidate])
    #expect(try books.promotions("shop").count { $0.kind == .rollback } == 4)
    // It was left by going back, and was current all the same.
    #expect(try books.rollback("shop", to: 3).model.version == 3)
    #expect(try books.rollbackTarget("shop").version == 1)
  }

  @Test func `without a current model there is nothing to go back from`() throws {
    #expect(throws: RegistryError.unknownName("shop", known: [])) { try books.rollback("shop") }
    _ = try register(1)
    #expect(throws: RegistryError.noCurrentModel(name: "shop")) { try books.rollback("shop") }
  }

  @Test func `pruning keeps the current model, the one before and what runs need`() throws {
    let ids = try register(4)
    let run = try books.startRun(kind: "nightly", model: "shop")
    try books.beginStage("train", run: run)
    let open = try books.registerModel(name: "shop", path: "/m/5", digest: "d5", run: run)
    _ = try books.registerModel(name: "shop", path: "/m/6", digest: "d6")
    try books.promoteModel(ids[0])
    try books.promoteModel(ids[1])
    func versions(_ keep: Int, includingPrevious: Bool = false) throws -> [Int] {
      try books.prunable("shop", keeping: keep, includingPrevious: includingPrevious)
        .map(\.version)
    }
    #expect(try versions(9) == [4, 3])
    #expect(try versions(1) == [4, 3])
    #expect(try versions(1, includingPrevious: true) == [4, 3, 1])
    try books.promoteModel(ids[3])
    #expect(try versions(2) == [3, 1])
    try books.finishRun(run)
    #expect(try versions(1).contains(5))
    #expect(try books.model(open)?.state == .candidate)
  }

  @Test func `what is being pruned is used no more, and its version never again`() throws {
    let ids = try register(4)
    try books.promoteModel(ids[0])
    #expect(try books.prune("shop", keeping: 1).map(\.version) == [3, 2])
    // As after a crash: the next pruning has them to delete again.
    #expect(try books.prune("shop", keeping: 1).map(\.version) == [3, 2])
    #expect(throws: RegistryError.pruned(version: 3, name: "shop")) {
      try books.promoteModel(ids[2])
    }
    for id in ids[1...2] { try books.finishPruning(id) }
    #expect(try books.prune("shop", keeping: 1).isEmpty)
    #expect(try states() == [.current, .pruned, .pruned, .candidate])
    #expect(
      try books.model(books.registerModel(name: "shop", path: "/n", digest: "n"))?.version == 5)
    #expect(throws: RegistryError.pruned(version: 2, name: "shop")) {
      try books.rollback("shop", to: 2)
    }
  }

  @Test func `promotions at once leave one current model and a history in order`() async throws {
    let ids = try register(8)
    let database = database
    try await withThrowingTaskGroup(of: Void.self) { group in
      for id in ids {
        let url = database.url
        group.addTask { try Bookkeeping(PostgresConnection(url)).promoteModel(id) }
      }
      try await group.waitForAll()
    }
    let history = try books.promotions("shop")
    #expect(history.count == 8)
    #expect(history.map(\.previous) == history.dropFirst().map(\.version) + [nil])
    #expect(try current() == history[0].version)
    #expect(try states().count { $0 == .current } == 1)
  }

  @Test func `pruning while the current model changes never takes the current one`() async throws {
    let ids = try register(12)
    let url = database.url
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let books = try Bookkeeping(PostgresConnection(url))
        for id in ids.shuffled() {
          do { try books.promoteModel(id) } catch RegistryError.pruned {}
        }
      }
      group.addTask {
        let books = try Bookkeeping(PostgresConnection(url))
        for keep in (2...11).reversed() {
          for model in try books.prune("shop", keeping: keep) { try books.finishPruning(model.id) }
        }
      }
      try await group.waitForAll()
    }
    let current = try #require(try books.currentModel("shop"))
    #expect(current.prunedAt == nil)
    #expect(try books.promotions("shop")[0].version == current.version)
  }

  @Test func `a run publishes its scores once, and they carry their model`() throws {
    let model = try register(2)[1]
    let run = try books.startRun(kind: "nightly", model: "shop")
    #expect(try books.scoreVersion(ofRun: run) == nil)
    var rows = ScoredRows()
    rows.users.append("u".utf8)
    rows.items.append("i".utf8)
    rows.ranks = [1]
    rows.values = [0.5]
    rows.probabilities = [0.25]
    func publish() throws -> Int {
      try books.publishScores(model: "shop", tasks: ["click"], modelID: model, run: run) {
        try $0.write(rows)
      }.version
    }
    let version = try publish()
    #expect(throws: RegistryError.published(run: run, version: version)) { try publish() }
    #expect(try books.scoreVersion(ofRun: run) == version)
    let seen = try database.connection.query(
      "SELECT item_id, model_version, model_digest FROM paretorank.current_scored_candidates")
    #expect(seen.rows == [["i", "2", "d2"]])
    let unknown = try books.publishScores(model: "mine", tasks: ["click"]) { try $0.write(rows) }
    #expect(unknown.version > version)
  }
}
