import Foundation
import Jobs
import Logging
import Synchronization
import Testing

/// Log messages as lines of JSON.
struct JSONLogTests {
  /// Lines that were written.
  private final class Lines: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ line: String) { list.withLock { $0.append(line) } }
  }

  private func lines(_ body: (inout Logger) -> Void) -> [String] {
    let lines = Lines()
    var logger = Logger(label: "paretorank") { JSONLog(label: $0) { lines.add($0) } }
    body(&logger)
    return lines.all
  }

  private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func `a message is an object with its time in UTC`() throws {
    let before = Date()
    let line = try #require(lines { $0.warning("careful", metadata: ["stage": "read"]) }.first)
    let found = try object(line)
    #expect(Set(found.keys) == ["time", "level", "label", "message", "metadata"])
    #expect(found["level"] as? String == "warning")
    #expect(found["label"] as? String == "paretorank")
    #expect(found["message"] as? String == "careful")
    #expect(found["metadata"] as? [String: String] == ["stage": "read"])
    let text = try #require(found["time"] as? String)
    #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    let reader = ISO8601DateFormatter()
    reader.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    let time = try #require(reader.date(from: text))
    #expect(abs(time.timeIntervalSince(before)) < 60)
  }

  @Test func `whatever a message holds, it stays one line of plain text`() throws {
    let hostile = "a\nb\r\n\"c\"\\ \u{0}\u{1B}[31m\u{7F}\u{85}\u{2028}é 🛒"
    let line = try #require(lines { $0.info("\(hostile)", metadata: ["k\n": "\(hostile)"]) }.first)
    #expect(!line.unicodeScalars.contains { $0.value < 32 || 0x7F...0x9F ~= $0.value })
    #expect(!line.contains("\u{2028}"))
    let found = try object(line)
    #expect(found["message"] as? String == hostile)
    #expect(found["metadata"] as? [String: String] == ["k\n": hostile])
  }

  @Test func `numbers, lists and dictionaries stay what they are`() throws {
    let line = try #require(
      lines { logger in
        logger[metadataKey: "run"] = .stringConvertible(7)
        logger.info(
          "done",
          metadata: [
            "seconds": .stringConvertible(1.5), "forced": .stringConvertible(true),
            "endless": .stringConvertible(Double.infinity), "tasks": ["click", "purchase"],
            "rows": ["read": .stringConvertible(12)],
          ])
      }.first)
    let metadata = try #require(try object(line)["metadata"] as? NSDictionary)
    #expect(
      metadata == [
        "run": 7, "seconds": 1.5, "forced": true, "endless": "inf", "tasks": ["click", "purchase"],
        "rows": ["read": 12],
      ] as NSDictionary)
  }

  @Test func `less important messages are left out`() {
    let lines = lines { logger in
      logger.logLevel = .error
      logger.warning("no")
      logger.error("yes")
    }
    #expect(lines.count == 1)
  }
}
