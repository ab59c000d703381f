import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// What the command says on standard error with `--log json`, and where the database keeps it waiting.
struct LogTests {
  /// Each line of standard error as an object.
  private func objects(_ result: CommandResult) throws -> [[String: Any]] {
    try result.errors.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  private func exit(_ object: [String: Any]?) -> Int? {
    (object?["metadata"] as? [String: Any])?["exit"] as? Int
  }

  @Test func `every line is an object, and standard output stays what it is`() throws {
    let place = try Workplace("cli_log")
    let result = try place.run("train", "--log", "json", "--format", "json")
    #expect(result.status == 0)
    #expect(try result.json()["rows"] as? Int == 72)
    let lines = try objects(result)
    #expect(lines.contains { ($0["message"] as? String)?.hasPrefix("read 120 rows") == true })
    #expect(lines.allSatisfy { $0["time"] is String && $0["label"] as? String == "paretorank" })
    #expect(try place.run("train", "--log=json", "--log-level", "warning").errors == "")
  }

  @Test func `the error that ends a command has its exit status`() throws {
    let place = try Workplace("cli_log_error")
    let host = try #require(try TestServer.url.get().split(separator: "host=").last)
    let result = try place.run(
      "train", "--log", "json", "--set",
      "database=postgresql://\(TestServer.carefulUser):hunter22@/paretorank?host=\(host)")
    #expect(result.status == 69)
    let last = try objects(result).last
    #expect(last?["level"] as? String == "error")
    #expect(exit(last) == 69)
    #expect((last?["message"] as? String)?.contains("doesn't let user careful in") == true)
    #expect(!result.errors.contains("hunter22"))
  }

  @Test func `mistakes of the command line and of the configuration are lines, too`() throws {
    let place = try Workplace("cli_log_usage")
    let usage = try place.run("train", "--log", "json", "--epochs", "3")
    #expect(usage.status == 64)
    let line = try #require(objects(usage).first)
    #expect(try objects(usage).count == 1)
    #expect((line["message"] as? String)?.hasPrefix("Unknown option '--epochs'\nUsage: ") == true)
    let mistakes = try place.run(
      "check", "--log", "json", "--set", "trainin.epochs=3", "--set", "training.epoch=3")
    #expect(try objects(mistakes).map(exit) == [64, 64])
    #expect(try place.run("combiners", "--log", "xml").status == 64)
    #expect(try exit(objects(place.run("combiners", "nothing", "--log", "json")).last) == 64)
  }

  @Test func `nobody has to read the messages`() throws {
    let place = try Workplace("cli_log_unread")
    let result = try place.bash("sleep 0.2; paretorank train --log json 2> >(exec true)")
    #expect(result.status == 0)
    #expect(result.output.contains("training rows"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a table that another locked for too long ends the run, and nothing is lost`() throws {
    let place = try Workplace("cli_lock_limit")
    #expect(try place.run("train", "--output", "models/first").status == 0)
    let result = try place.connection.withTransaction {
      try place.connection.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
      let process = try place.start([
        Workplace.binary, "train", "--fresh", "--set", "limits.lock=1 second",
      ])
      return try place.finish(process)
    }
    // The database is there, and no other run holds the lock of the model: neither 69 nor 75.
    #expect(result.status == 1)
    #expect(result.problems.count == 1)
    #expect(
      result.errors.hasPrefix(
        "error: a lock in the database was not got within 1 s, which limits.lock sets; held by process"
      ))
    let models = try FileManager.default.contentsOfDirectory(atPath: place.folder + "/models")
    #expect(models == ["first"])
    let state = try place.connection.value(
      """
      SELECT string_agg(state, ' ' ORDER BY id) FROM paretorank.runs WHERE model = 'cli_lock_limit'
      """)
    #expect(state == "finished failed")
    #expect(try place.run("train").status == 0)
  }
}
