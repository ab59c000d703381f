import Foundation
import Jobs
import Logging
import Synchronization
import Testing

/// The command that is told of a failed run.
struct FailureCommandTests {
  private static let occasion = FailureCommand.Occasion(
    exitStatus: 3, run: 12, stage: "gate", reason: "purchase is worse:\n\"-0.01\" $(touch x)")

  /// The levels and texts that were logged.
  private func logged(
    _ command: String, _ occasion: FailureCommand.Occasion = occasion,
    limit: Duration = .seconds(60)
  ) -> [String] {
    let lines = Lines()
    let logger = Logger(label: "test") { JSONLog(label: $0) { lines.add($0) } }
    FailureCommand(command, limit: limit).run(on: occasion, logger: logger)
    return lines.all.compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object.map { "\($0["level"] ?? ""): \($0["message"] ?? "")" }
    }
  }

  private final class Lines: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ line: String) { list.withLock { $0.append(line) } }
  }

  @Test func `it finds what happened in its environment and on standard input`() {
    let command = #"""
      printf '%s|' "$PARETORANK_EXIT" "$PARETORANK_RUN" "$PARETORANK_STAGE" "$PARETORANK_REASON"
      cat
      """#
    #expect(
      logged(command) == [
        """
        info: --on-failure: 3|12|gate|purchase is worse: "-0.01" $(touch x)|purchase is worse:
        "-0.01" $(touch x)
        """
      ])
  }

  @Test func `a run without a number leaves it empty`() {
    var occasion = Self.occasion
    occasion.run = nil
    #expect(logged(#"test -z "$PARETORANK_RUN" -a -n "${PARETORANK_RUN+set}""#, occasion) == [])
  }

  @Test func `its failure is a warning with its words`() {
    #expect(
      logged("echo no mail; exit 4") == ["warning: --on-failure: it exited with 4: no mail"])
    #expect(logged("exit 4") == ["warning: --on-failure: it exited with 4"])
    #expect(logged("kill -TERM $$") == ["warning: --on-failure: signal 15 ended it"])
    #expect(logged("no-such-program-here").first?.hasPrefix("warning: ") == true)
  }

  @Test func `one that reads nothing, and a huge reason, do no harm`() {
    var occasion = Self.occasion
    occasion.reason = String(repeating: "a\0ä\n", count: 1_000_000)
    #expect(logged("true", occasion) == [])
    #expect(logged("cat > /dev/null", occasion) == [])
  }

  @Test(.timeLimit(.minutes(10)))
  func `its time is limited, and that of what it starts`() throws {
    let file = NSTemporaryDirectory() + "/paretorank-hook-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let start = ContinuousClock.now
    let lines = logged("(sleep 2; touch '\(file)') & sleep 600", limit: .milliseconds(300))
    #expect(lines == ["warning: --on-failure: it was stopped after 0 s"])
    #expect(ContinuousClock.now - start < .seconds(30))
    Thread.sleep(forTimeInterval: 2.2)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test(.timeLimit(.minutes(10)))
  func `one that writes without end is stopped, and little of that is kept`() {
    let lines = logged("yes", limit: .milliseconds(300))
    #expect(lines.count == 1)
    #expect((lines.first?.utf8.count ?? 0) < 5_000)
  }

  @Test(.timeLimit(.minutes(10)))
  func `what it leaves running isn't waited for`() {
    let start = ContinuousClock.now
    #expect(logged("sleep 60 & echo mailed") == ["info: --on-failure: mailed"])
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}
