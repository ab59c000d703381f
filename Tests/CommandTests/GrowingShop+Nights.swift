import Foundation
import PostgresLogs
import Testing

extension GrowingShop {
  /// The end of what has arrived, as SQL.
  var clock: String { "(SELECT complete_until FROM shop.clock)" }

  func runs() throws -> Int {
    try count("SELECT count(*) FROM paretorank.runs")
  }

  /// What a file in the folder holds.
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(place)/\(name)", encoding: .utf8)
  }

  func expectedRows() throws -> [String: UsedSum] {
    try expectedRows(clock: try #require(try connection.value("SELECT \(clock)")))
  }

  /// Waits until a count is more than zero.
  func wait(for sql: String, by connection: PostgresConnection) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try connection.value(sql) == "0" {
      try #require(ContinuousClock.now < deadline, "\(sql)")
      usleep(10_000)
    }
  }

  /// Runs a night that is published, after which each row was used once and nothing lies about.
  @discardableResult
  func expectGoodNight(
    _ arguments: [String] = [], _ place: SourceLocation = #_sourceLocation
  ) throws -> CommandResult {
    let night = try finish(start(["nightly", "--format", "json"] + arguments))
    try #require(night.status == 0, "\(night.errors)", sourceLocation: place)
    #expect(try night.json()["state"] as? String == "published", sourceLocation: place)
    #expect(try usedRows() == expectedRows(), sourceLocation: place)
    #expect(try problemOfScores() == nil, sourceLocation: place)
    #expect(try leftovers() == [], sourceLocation: place)
    #expect(
      try count("SELECT count(*) FROM paretorank.runs WHERE state IN ('running', 'failed')") == 0,
      sourceLocation: place)
    return night
  }

  /// Makes the newest run look as if its process had died after a stage, before those that follow.
  func undo(_ stages: String...) throws {
    let names = stages.map { "'\($0)'" }.joined(separator: ", ")
    try connection.run(
      script: """
        DELETE FROM paretorank.stages WHERE run_id = 2 AND stage IN (\(names));
        UPDATE paretorank.runs SET state = 'running', finished_at = NULL WHERE id = 2;
        """)
  }
}
