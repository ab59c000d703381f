import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// Runs with their stages, windows and ends, and who goes on with them.
struct RunRegistryTests {
  let database: FreshDatabase
  let books: Bookkeeping

  init() throws {
    database = try FreshDatabase()
    books = try Bookkeeping(database.connection)
  }

  private func state(_ run: Int) throws -> RunState? { try books.run(run)?.state }

  @Test func `a run's stages say how far it came, and what to go on from`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop")
    try books.beginStage("read", run: run, detail: #"{"path": "a"}"#)
    try books.finishStage("read", run: run, rows: 12)
    try books.beginStage(
      "train", run: run, detail: #"{"path": "b", "steps": [1, 2.5, null, true]}"#)
    try books.failStage("train", run: run, error: "no space")
    try books.beginStage("train", run: run)
    let stages = try books.stages(ofRun: run)
    #expect(stages.map(\.name) == ["read", "train"])
    #expect(stages.map(\.state) == [.finished, .running])
    #expect(stages.map(\.attempts) == [1, 2])
    #expect(stages[0].rows == 12)
    #expect(stages[0].detail?["path"]?.text == "a")
    #expect(
      stages[1].detail == JSONValue(json: #"{"steps": [1, 2.5, null, true], "path": "b"}"#))
    #expect(try #require(stages[0].seconds) >= 0)
    #expect(stages[1].error == nil)
    #expect(try books.run(run)?.stage == "train")
    try books.failRun(run, error: "stopped")
    #expect(try books.stages(ofRun: run)[1].error == "stopped")
  }

  @Test func `an unfinished run is found, taken over and ended once`() throws {
    #expect(try books.unfinishedRun(kind: "nightly", model: "shop") == nil)
    let run = try books.startRun(kind: "nightly", model: "shop")
    _ = try books.startRun(kind: "train", model: "shop")
    _ = try books.startRun(kind: "nightly", model: "other")
    try books.beginStage("train", run: run)
    let later = try database.others()
    #expect(try later.unfinishedRun(kind: "nightly", model: "shop")?.id == run)
    try later.takeOver(run: run)
    let taken = try #require(try books.run(run))
    #expect(taken.attempts == 2)
    #expect(taken.takenOverAt != nil)
    #expect(try books.stages(ofRun: run)[0].error == "interrupted")
    try later.beginStage("train", run: run)
    try later.failRun(run, error: "the disk is full")
    #expect(try later.unfinishedRun(kind: "nightly", model: "shop")?.error == "the disk is full")
    try later.takeOver(run: run)
    #expect(try later.run(run)?.error == nil)
    #expect(try later.finishRun(run, rowCount: 3))
    #expect(try !later.finishRun(run))
    #expect(try later.unfinishedRun(kind: "nightly", model: "shop") == nil)
    #expect(throws: RegistryError.ended(run: run)) { try later.takeOver(run: run) }
    #expect(throws: RegistryError.unknownRun(999)) { try later.takeOver(run: 999) }
  }

  @Test func `what failed before its first stage is not gone on with`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop")
    try books.failRun(run, error: "no such table")
    #expect(try books.unfinishedRun(kind: "nightly", model: "shop") == nil)
  }

  @Test func `a refused run keeps its reason and its model back`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop")
    let model = try books.registerModel(name: "shop", path: "/m/1", digest: "aa", run: run)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try books.refuseRun(run, reason: "worse") { throw Stop() }
    }
    #expect(try books.model(model)?.state == .candidate)
    try books.refuseRun(run, reason: "Purchase lost 0.02.", rowCount: 7) {
      try books.finishStage("gate", run: run)
    }
    let refused = try #require(try books.run(run))
    #expect(refused.state == .refused)
    #expect(refused.reason == "Purchase lost 0.02.")
    #expect(refused.rows == 7)
    #expect(try books.model(model)?.state == .refused)
    #expect(throws: RegistryError.ended(run: run)) { try books.refuseRun(run, reason: "again") }
    #expect(throws: RegistryError.ended(run: run)) { try books.abandonRun(run, reason: "no") }
  }

  @Test func `an abandoned run says why, and keeps its error`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop")
    try books.beginStage("read", run: run)
    try books.failRun(run, error: "gone")
    try books.abandonRun(run, reason: "another configuration")
    let abandoned = try #require(try books.run(run))
    #expect(abandoned.state == .abandoned)
    #expect(abandoned.error == "gone")
    #expect(try books.unfinishedRun(kind: "nightly", model: "shop") == nil)
  }

  @Test func `a run whose process is gone was interrupted`() throws {
    let run: Int
    do {
      let process = try database.others()
      run = try process.startRun(kind: "evaluate", model: "shop")
      #expect(try state(run) == .running)
      #expect(try books.runs(state: .interrupted).isEmpty)
    }
    // The server needs a moment to notice.
    for _ in 0..<100 where try state(run) == .running { usleep(20_000) }
    #expect(try state(run) == .interrupted)
    #expect(try books.runs(state: .interrupted).map(\.id) == [run])
    #expect(try books.runs(state: .running).isEmpty)
  }

  @Test func `a run that lost its model's lock was interrupted`() throws {
    let job = Bookkeeping.lockedJob(ofModel: "shop")
    #expect(try database.connection.lock(job: job))
    let run = try books.startRun(kind: "nightly", model: "shop")
    #expect(try state(run) == .running)
    try database.connection.unlock(job: job)
    #expect(try state(run) == .interrupted)
    let again = try database.connect()
    #expect(try again.lock(job: job))
    #expect(try state(run) == .interrupted)
    try Bookkeeping(again).reattach(run: run)
    #expect(try state(run) == .running)
    #expect(try books.run(run)?.attempts == 1)
  }

  @Test func `runs are listed newest first, by kind, model and number`() throws {
    var ids: [Int] = []
    for kind in ["train", "score", "train"] {
      ids.append(try books.startRun(kind: kind, model: kind == "score" ? "other" : "shop"))
    }
    #expect(try books.runs().map(\.id) == ids.reversed())
    #expect(try books.runs(kind: "train").map(\.id) == [ids[2], ids[0]])
    #expect(try books.runs(model: "other").map(\.id) == [ids[1]])
    #expect(try books.runs(kind: "train", limit: 1).map(\.id) == [ids[2]])
    #expect(try books.runs(limit: 0).isEmpty)
    #expect(try books.runs().allSatisfy { $0.databaseUser == database.connection.user })
  }

  @Test func `windows, clock and findings of a run come back as they were noted`() throws {
    let run = try books.startRun(kind: "nightly", model: "shop", configuration: #"{"a": 1}"#)
    let moment = Moment(1_772_323_200_500_000)
    var windows = [
      RunWindow(purpose: .training, task: "click", to: moment, rows: 10, positives: 2),
      RunWindow(purpose: .evaluation, task: "click", from: moment, rows: 3, positives: 0),
      RunWindow(purpose: .scoring, rows: 5),
    ]
    try books.record(windows, run: run)
    windows[0].rows = 11
    try books.record([windows[0]], run: run)
    #expect(try books.windows(ofRun: run) == windows)
    try books.setClock(moment.microseconds, run: run)
    try books.setReason("the holidays", run: run)
    try books.record(drift: #"{"findings": ["fewer rows"]}"#, run: run)
    try books.record(gate: #"{"paragraph": "All is well."}"#, run: run)
    try books.record(report: "[]", run: run)
    let noted = try #require(try books.run(run))
    #expect(noted.clock == moment)
    #expect(noted.reason == "the holidays")
    let findings = try #require(try books.findings(ofRun: run))
    #expect(findings.configuration == JSONValue(json: #"{"a": 1}"#))
    #expect(findings.drift?["findings"]?.entries == [.text("fewer rows")])
    #expect(findings.gate?["paragraph"]?.text == "All is well.")
    #expect(findings.report == .list([]))
    let copy = try JSONDecoder().decode(Run.self, from: JSONEncoder().encode(noted))
    #expect(copy == noted)
  }

  @Test func `metrics are read by run and by name`() throws {
    let runs = try [books.startRun(kind: "train"), books.startRun(kind: "train")]
    let auc = Bookkeeping.Metric(window: "test", task: "click", name: "auc", value: 0.7, low: 0.6)
    let loss = Bookkeeping.Metric(window: "test", task: "click", name: "log_loss", value: 0.2)
    try books.record([auc, loss], run: runs[0])
    try books.record([auc], run: runs[1])
    #expect(try books.metrics(ofRuns: [runs[0]]) == [runs[0]: [auc, loss]])
    #expect(try books.metrics(ofRuns: runs, named: "auc") == [runs[0]: [auc], runs[1]: [auc]])
    #expect(try books.metrics(ofRuns: []).isEmpty)
  }

  @Test func `a transaction in which a statement failed unnoticed is not taken for done`() throws {
    #expect(throws: PostgresError.self) {
      try database.connection.withTransaction {
        _ = try books.startRun(kind: "lost")
        _ = try? database.connection.execute("SELECT nothing")
      }
    }
    #expect(try books.runs().isEmpty)
    try database.connection.withTransaction {
      try database.connection.withTransaction { _ = try books.startRun(kind: "inner") }
      #expect(try database.others().runs().isEmpty)
    }
    #expect(try books.runs().map(\.kind) == ["inner"])
  }
}
