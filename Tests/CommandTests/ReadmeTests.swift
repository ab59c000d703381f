import Combiners
import Foundation
import Networks
import Testing

/// What the README says there is, is there, and the other way round.
struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text() throws -> String {
    try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  }

  @Test func `its table of commands names every command and no other`() throws {
    let inTable = Set(
      try ReadmeTests.text().matches(of: /\n\| `paretorank ([a-z]+)` \|/).map { String($0.1) })
    let help = try Workplace("readme").run("--help").output
    let list = help.components(separatedBy: "SUBCOMMANDS:").last ?? ""
    let commands = Set(list.matches(of: #/\n  ([a-z]+) /#).map { String($0.1) })
    #expect(commands.count > 5)
    #expect(inTable == commands)
  }

  @Test func `its table of combiners names every kind`() throws {
    let text = try ReadmeTests.text()
    for kind in CombinerKind.allCases {
      #expect(text.contains("\n| `\(kind.rawValue)` |"), "\(kind)")
    }
    for architecture in Architecture.allCases {
      #expect(text.contains("`\(architecture.rawValue)`"))
    }
  }

  @Test func `files that it names exist`() throws {
    for match in try ReadmeTests.text().matches(of: /`((?:fixtures|schemas|Sources)\/[^`]*)`/) {
      let path = ReadmeTests.root.appendingPathComponent(String(match.1)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(match.1)")
    }
  }
}
