import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// Which model `evaluate`, `score` and `compare` are about.
struct ModelChoiceTests {
  /// A place with two trained models of the schema's name, the second the newer directory.
  private func trained(_ schema: String) throws -> (Workplace, Bookkeeping) {
    let place = try Workplace(schema)
    for _ in 1...2 {
      let result = try place.run("train", "--set", "training.epochs=1")
      try #require(result.status == 0, "\(result.errors)")
    }
    return (place, try Bookkeeping(TestServer.connect()))
  }

  /// The version that a command took, and why.
  private func choice(
    _ place: Workplace, _ arguments: String...
  ) throws -> (version: Int?, reason: String, path: String) {
    let result = try place.finish(
      place.start([Workplace.binary] + arguments + ["--format", "json"]))
    try #require(result.status == 0, "\(result.errors)")
    let report = try result.json()
    return (
      report["model_version"] as? Int, report["chosen"] as? String ?? "",
      report["model"] as? String ?? ""
    )
  }

  @Test(.timeLimit(.minutes(10)), arguments: ["score", "evaluate"])
  func `the current model is taken, not the newest`(command: String) throws {
    let name = "choice_\(command)"
    let (place, books) = try trained(name)
    let fresh = try choice(place, command)
    #expect(fresh.version == 2)
    #expect(
      fresh.reason == "version 2, the newest directory; no model of \(name) was ever current")
    #expect(fresh.path.hasPrefix("models/"))

    #expect(try place.run("models", "promote", "1").status == 0)
    let current = try choice(place, command)
    #expect(current.version == 1)
    #expect(current.reason == "version 1, the current model of \(name)")
    #expect(current.path == (try books.model(name, version: 1).path))
    #expect(
      try place.run(command).output.contains("version 1, the current model of \(name)\n"))

    #expect(try place.run("models", "promote", "2").status == 0)
    #expect(try choice(place, command).version == 2)
    #expect(try place.run("models", "rollback").status == 0)
    #expect(try choice(place, command).version == 1)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a refused model is not taken without being named`() throws {
    let (place, books) = try trained("choice_refused")
    let refuse = { (version: Int) in
      try place.connection.execute(
        """
        UPDATE paretorank.models SET state = 'refused'
        WHERE name = 'choice_refused' AND version = $1::int4
        """, ["\(version)"])
    }
    _ = try refuse(2)
    #expect(try choice(place, "score").version == 1)
    #expect(try choice(place, "score", "2").reason == "version 2 of choice_refused, refused")
    _ = try refuse(1)
    let none = try place.run("score")
    #expect(none.status == 64)
    #expect(none.problems.first?.contains("the gate refused every model of choice_refused") == true)
    #expect(try books.currentModel("choice_refused") == nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a number that is no path is a version`() throws {
    let (place, _) = try trained("choice_number")
    #expect(try choice(place, "evaluate", "1").version == 1)
    #expect(try choice(place, "score", "2").version == 2)
    let compared = try place.run("compare", "1", "2")
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.contains("\nsecond  version 2, /"))
    for command in [["evaluate", "12"], ["score", "12"], ["compare", "1", "12"]] {
      let unknown = try place.finish(place.start([Workplace.binary] + command))
      #expect(unknown.status == 64)
      #expect(
        unknown.problems == [
          "error: no version 12 of choice_number; paretorank models lists them"
        ])
    }
    try FileManager.default.createDirectory(
      atPath: "\(place.folder)/12", withIntermediateDirectories: false)
    #expect(try place.run("evaluate", "12").errors.contains("error: 12 is no model"))

    // As where the directories were copied to another machine.
    let files = FileManager.default
    try files.moveItem(atPath: "\(place.folder)/models", toPath: "\(place.folder)/copied")
    #expect(
      try choice(place, "score", "1", "--set", "output.models=copied").path.hasPrefix("copied/"))
    let missing = try place.run("score", "1")
    #expect(missing.status == 64)
    #expect(
      missing.errors.contains("the directory of version 1 of choice_number is missing: "))
  }

  @Test(.timeLimit(.minutes(10)))
  func `who may not read the registry gets the newest directory`() throws {
    let (place, _) = try trained("choice_reader")
    try place.connection.run(
      script: """
        CREATE ROLE choice_reader_role LOGIN;
        GRANT USAGE ON SCHEMA choice_reader TO choice_reader_role;
        GRANT SELECT ON choice_reader.log TO choice_reader_role;
        """)
    defer {
      _ = try? place.connection.run(
        script: "DROP OWNED BY choice_reader_role; DROP ROLE choice_reader_role;")
    }
    #expect(try place.run("models", "promote", "1").status == 0)
    let url = try TestServer.url.get().replacing("//postgres@", with: "//choice_reader_role@")
    let taken = try choice(place, "score", "--set", "database=\(url)")
    #expect(taken.version == nil)
    #expect(taken.reason.hasPrefix("the newest directory; the registry can't be read: permission"))
  }

  @Test func `a database without the schema is left without it`() throws {
    let place = try Workplace("choice_empty")
    let name = "choice_empty_\(UUID().uuidString.prefix(8).lowercased())"
    try place.connection.execute("CREATE DATABASE \(name)")
    let url = try TestServer.url.get().replacing("/paretorank?", with: "/\(name)?")
    for (command, text) in [
      (["score"], "there is no model choice_empty in models yet; paretorank train makes one"),
      (["score", "3"], "no version 3 of choice_empty; paretorank models lists them"),
    ] {
      let result = try place.finish(
        place.start([Workplace.binary] + command + ["--set", "database=\(url)"]))
      #expect(result.status == 64)
      #expect(result.problems == ["error: \(text)"])
    }
    #expect(try Migrations.version(on: PostgresConnection(url)) == 0)
  }
}
