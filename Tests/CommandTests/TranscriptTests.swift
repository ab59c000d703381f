import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// The command writes what `fixtures/cli` says, letter by letter.
struct TranscriptTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/cli").path

  private static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".txt") }.sorted()

  @Test func `there are transcripts`() {
    let expected: Set = ["check.txt", "errors.txt", "help.txt"]
    #expect(Set(Self.names).isSuperset(of: expected))
  }

  @Test(arguments: names)
  func `a transcript is what happens`(name: String) throws {
    let path = "\(Self.folder)/\(name)"
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    let place = try Workplace("transcript_\(name.split(separator: ".")[0])")
    var found = ""
    for line in expected.split(separator: "\n") where line.hasPrefix("$ ") {
      let result = try place.bash("exec 2>&1; \(line.dropFirst(2))")
      found += "\(line)\n" + clean(result.output, place)
      if result.status != 0 { found += "[exit \(result.status)]\n" }
      found += "\n"
    }
    if ProcessInfo.processInfo.environment["REMAKE_TRANSCRIPTS"] != nil {
      try Data(found.utf8).write(to: URL(fileURLWithPath: path))
    }
    #expect(!found.isEmpty)
    #expect(found == expected)
  }

  /// The text without what differs from machine to machine.
  private func clean(_ text: String, _ place: Workplace) -> String {
    text.replacing(TestServer.server.directory, with: "SOCKET")
      .replacing("\(place.schema).", with: "SCHEMA.").replacing(place.folder, with: "FOLDER")
  }
}
