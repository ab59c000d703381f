import Foundation
import Testing

/// The examples of timers are ones that systemd and cron take.
struct TimerTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/systemd").path

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
  }

  @Test func `systemd has nothing to say about the units`() throws {
    let place = try Workplace("timers")
    // The command need not be installed where the tests run.
    let installed = "/usr/local/bin/paretorank"
    let service = try text("paretorank-nightly.service")
    #expect(service.contains("ExecStart=\(installed) "))
    try place.write(
      service.replacing(installed, with: Workplace.binary), to: "paretorank-nightly.service")
    try place.write(text("paretorank-nightly.timer"), to: "paretorank-nightly.timer")
    let result = try place.bash(
      "systemd-analyze verify --man=no ./paretorank-nightly.service ./paretorank-nightly.timer")
    #expect(result.status == 0)
    #expect(result.output + result.errors == "")
  }

  @Test func `the service may write where the README's example has it write`() throws {
    let readme = try text("../../README.md")
    let service = try text("paretorank-nightly.service")
    let file = try #require(readme.firstMatch(of: /metrics_file: (\/\S+)\/[^\/\s}]+}/)?.1)
    #expect(service.contains("\nReadWritePaths=-\(file)\n"))
    #expect(try text("README.md").contains("metrics_file: \(file)/"))
    // Without a slash at its beginning, the report lies in the working directory.
    let report = try #require(readme.firstMatch(of: /nightly: {[^}]*report: ([^,}\s]+)/)?.1)
    #expect(!report.hasPrefix("/"))
    #expect(try text("README.md").contains("nightly: {report: \(report)}"))
  }

  @Test func `cron's line has a time, a user and the same command`() throws {
    let lines = try text("paretorank.cron").split(separator: "\n").filter { !$0.hasPrefix("#") }
    let line = try #require(lines.last)
    #expect(lines.dropLast().allSatisfy { $0.wholeMatch(of: /[A-Z]+=\S+/) != nil })
    #expect(line.wholeMatch(of: /[0-9]+ [0-9]+ \* \* \* paretorank cd \S+ && [^%]+/) != nil)
    let command = try #require(
      try text("paretorank-nightly.service").firstMatch(of: /\nExecStart=(.+)\n/)?.1)
    #expect(line.contains(command))
  }
}
