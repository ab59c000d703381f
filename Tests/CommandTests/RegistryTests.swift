import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// `paretorank runs` and `paretorank models`.
struct RegistryTests {
  /// A place with `count` trained models, and the registry that knows them.
  private func trained(_ schema: String, _ count: Int) throws -> (Workplace, Bookkeeping) {
    let place = try Workplace(schema)
    for number in 1...max(count, 1) where count > 0 {
      let result = try place.run(
        "train", "--set", "training.epochs=1", "--output", "models/m\(number)")
      #expect(result.status == 0)
    }
    return (place, try Bookkeeping(TestServer.connect()))
  }

  @Test(.timeLimit(.minutes(10)))
  func `models are listed, promoted, rolled back and pruned`() throws {
    let (place, books) = try trained("reg_models", 3)
    let list = try place.run("models", "--model", "reg_models", "--format", "json").json()
    let models = try #require(list["models"] as? [[String: Any]])
    #expect(models.compactMap { ($0["model"] as? [String: Any])?["version"] as? Int } == [3, 2, 1])
    #expect(models.allSatisfy { $0["directory"] as? String == "there" })
    #expect((models[0]["auc"] as? [[String: Any]])?.count == 2)

    #expect(
      try place.run("models", "promote", "1").output
        == "version 1 of reg_models is the current model now\n")
    #expect(
      try place.run("models", "promote", "2", "--reason", "a try").output
        == "version 2 of reg_models is the current model now; it was 1\n")
    #expect(
      try place.run("models", "promote", "2").output
        == "version 2 of reg_models is the current model already\n")
    let dry = try place.run("models", "prune", "--keep", "2", "--dry-run", "--format", "json")
      .json()
    #expect((dry["pruned"] as? [Any])?.count == 0)
    let rolled = try place.run("models", "rollback", "--format", "json").json()
    #expect(rolled["previous"] as? Int == 2)
    #expect(try books.currentModel("reg_models")?.version == 1)
    let nothing = try place.run("models", "rollback")
    #expect(nothing.status == 64)
    #expect(nothing.problems.count == 1)

    let pruned = try place.run("models", "prune", "--keep", "1")
    #expect(pruned.status == 0)
    #expect(pruned.output.hasSuffix("reg_models keeps 1, 3\n"))
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(place.folder)/models")
    #expect(left.sorted() == ["m1", "m3"])
    #expect(try books.models(name: "reg_models").map(\.state) == [.candidate, .pruned, .current])
    let table = try place.run("models", "--model", "reg_models").output
    #expect(table.split(separator: "\n").count == 3)
    #expect(table.contains("\n*  reg_models        1  current"))
    #expect(
      try place.run("models", "list", "--pruned", "--model", "reg_models").output.count {
        $0 == "\n"
      } == 4)
    let shown = try place.run("models", "show", "reg_models").output
    #expect(shown.contains("a try"))
    #expect(shown.contains("rollback"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `any version that ever was current can be gone back to`() throws {
    let (place, books) = try trained("reg_back", 3)
    for command in [["promote", "1"], ["promote", "2"], ["rollback"], ["rollback", "--to", "2"]] {
      let result = try place.finish(place.start([Workplace.binary, "models"] + command))
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try books.currentModel("reg_back")?.version == 2)
    let never = try place.run("models", "rollback", "--to", "3")
    #expect(never.status == 64)
    #expect(
      never.errors == "error: version 3 of reg_back was never current; "
        + "paretorank models promote 3 makes it so\n")
  }

  @Test(.timeLimit(.minutes(10)))
  func `models that were never used don't take the place of those that were`() throws {
    let (place, books) = try trained("reg_unused", 5)
    #expect(
      try place.run("models", "prune", "--keep", "4", "--dry-run").output.contains("version 1"))
    for version in ["1", "2", "3"] {
      #expect(try place.run("models", "promote", version).status == 0)
    }
    try place.connection.execute(
      "UPDATE paretorank.models SET state = 'refused' WHERE name = 'reg_unused' AND version > 3")
    let pruned = try place.run("models", "prune", "--keep", "2")
    #expect(pruned.output.hasSuffix("reg_unused keeps 2, 3, 5\n"), "\(pruned.output)")
    #expect(
      try books.models(name: "reg_unused").map(\.state)
        == [.refused, .pruned, .current, .retired, .pruned])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model that is missing, damaged or another one is not promoted`() throws {
    let (place, books) = try trained("reg_damaged", 1)
    let unknown = try place.run("models", "promote", "7")
    #expect(unknown.status == 64)
    #expect(
      unknown.errors == "error: there is no model version 7 of reg_damaged; there are 1\n")
    let id = try #require(try books.models(name: "reg_damaged").first?.id)
    try place.connection.execute(
      "UPDATE paretorank.models SET digest = 'another' WHERE id = $1::int8", ["\(id)"])
    let other = try place.run("models", "promote", "1")
    #expect(other.status == 64)
    #expect(other.errors.contains("is not the model that version 1 of reg_damaged was"))
    let bytes = try FileHandle(
      forUpdating: URL(fileURLWithPath: "\(place.folder)/models/m1/weights.safetensors"))
    try bytes.seekToEnd()
    try bytes.write(contentsOf: Data("x".utf8))
    let damaged = try place.run("models", "promote", "1")
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("is damaged"))
    try FileManager.default.removeItem(atPath: "\(place.folder)/models/m1")
    #expect(try place.run("models", "promote", "1").status == 64)
    #expect(try place.run("models", "--model", "reg_damaged").output.contains("missing"))
    #expect(try books.currentModel("reg_damaged") == nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a refused model needs a reason, and a locked one patience`() throws {
    let (place, books) = try trained("reg_refused", 1)
    let model = try #require(try books.models(name: "reg_refused").first)
    let connection = try TestServer.connect()
    #expect(try connection.lock(job: Bookkeeping.lockedJob(ofModel: "reg_refused")))
    let night = try Bookkeeping(connection)
    let run = try night.startRun(kind: "nightly", model: "reg_refused")
    for command in [["promote", "1"], ["rollback"], ["prune", "--keep", "1"]] {
      let result = try place.finish(place.start([Workplace.binary, "models"] + command))
      #expect(result.status == 75)
      #expect(result.errors.contains("holds the lock of model reg_refused: nightly, process "))
    }
    try connection.execute(
      "UPDATE paretorank.models SET run_id = $1::int8 WHERE id = $2::int8",
      ["\(run)", "\(model.id)"])
    try night.beginStage("train", run: run)
    try night.finishStage("train", run: run, rows: 72)
    try night.record(gate: #"{"paragraph": "Purchase lost 0.02 of AUC."}"#, run: run)
    try night.record(
      drift: #"{"findings": [{"sentence": "half the rows of yesterday"}]}"#, run: run)
    try night.record([RunWindow(purpose: .training, task: "click", rows: 72)], run: run)
    try night.refuseRun(run, reason: "Purchase lost 0.02 of AUC.", rowCount: 72)
    try connection.unlock(job: Bookkeeping.lockedJob(ofModel: "reg_refused"))

    let refused = try place.run("models", "promote", "1")
    #expect(refused.status == 64)
    #expect(refused.errors.contains("was refused (Purchase lost 0.02 of AUC.); --reason TEXT"))
    let shown = try place.run("runs", "show", "\(run)")
    for text in [
      "gate: Purchase lost 0.02 of AUC.\n", "drift: half the rows of yesterday\n",
      "made      reg_refused version 1, refused\n", "training  click",
    ] {
      #expect(shown.output.contains(text), "\(text)")
    }
    #expect(try place.run("models", "promote", "1", "--reason", "known").status == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `runs are listed with what came of them`() throws {
    let (place, _) = try trained("reg_runs", 1)
    #expect(try place.run("train", "--set", "impressions.from=nothing").status == 64)
    let table = try place.run("runs", "--model", "reg_runs").output
    #expect(table.split(separator: "\n").count == 3)
    #expect(table.contains("nothing"))
    let list = try place.run(
      "runs", "--model", "reg_runs", "--state", "finished", "--format", "json"
    ).json()
    let runs = try #require(list["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    for key in ["id", "kind", "model", "state", "started_at", "finished_at", "seconds", "rows"] {
      #expect(runs[0][key] != nil, "\(key)")
    }
    let id = try #require(runs[0]["id"] as? Int)
    let report = try place.run("runs", "show", "\(id)", "--format", "json").json()
    for key in ["run", "stages", "windows", "metrics", "models", "findings"] {
      #expect(report[key] != nil, "\(key)")
    }
    #expect(try place.run("runs", "show", "\(id)").output.contains("validation   click"))
    let misspelt = try place.run("runs", "--kind", "nitely")
    #expect(misspelt.status == 64)
    for kind in ["train", "evaluate", "score", "gains", "frontier", "nightly"] {
      #expect(misspelt.errors.contains("  - \(kind)\n"), "\(misspelt.errors)")
    }
    let none = try place.run("runs", "show", "999999")
    #expect(none.status == 64)
    #expect(none.errors == "error: there is no run 999999; paretorank runs lists them\n")
    #expect(
      try place.run("runs", "--kind", "nightly", "--model", "reg_runs").output
        == "no run is noted that fits\n")
    let nowhere = try place.run("runs", "--set", "database=postgresql://me@/x?host=/tmp/nowhere")
    #expect(nowhere.status == 69)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a killed run is shown as interrupted`() throws {
    let place = try Workplace("reg_killed")
    let process = try place.start([Workplace.binary, "train", "--set", "training.epochs=10000"])
    while process.isRunning, try !place.text("err").contains("read 120 rows") { usleep(20_000) }
    func states() throws -> [RunState] {
      try Bookkeeping(TestServer.connect()).runs(model: "reg_killed").map(\.state)
    }
    #expect(try states() == [.running])
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    for _ in 0..<100 where try states() == [.running] { usleep(20_000) }
    #expect(try place.run("runs", "--model", "reg_killed").output.contains("  interrupted  "))
  }

  @Test func `promotions at once leave one current model`() throws {
    let (place, books) = try trained("reg_race", 2)
    let script = """
      for i in 1 2 3; do for v in 1 2; do
        paretorank models promote $v > out-$v-$i 2>&1 &
      done; done; wait
      """
    #expect(try place.bash(script).status == 0)
    let models = try books.models(name: "reg_race")
    #expect(models.count { $0.state == .current } == 1)
    let history = try books.promotions("reg_race")
    #expect(history.first?.version == (try books.currentModel("reg_race")?.version))
    for change in zip(history, history.dropFirst()) {
      #expect(change.0.previous == change.1.version)
    }
  }

  @Test func `a database without notes is left as it is`() throws {
    let place = try Workplace("reg_empty")
    let name = "reg_empty_\(UUID().uuidString.prefix(8).lowercased())"
    try place.connection.execute("CREATE DATABASE \(name)")
    let url = try TestServer.url.get().replacing("/paretorank?", with: "/\(name)?")
    #expect(
      try place.run("runs", "--set", "database=\(url)").output == "no run is noted that fits\n")
    #expect(try place.run("models", "--set", "database=\(url)").status == 0)
    #expect(try Migrations.version(on: PostgresConnection(url)) == 0)
  }
}
