import Foundation
import Jobs
import PostgresLogs

/// Reads logs of 15 columns from PostgreSQL into the column store.
struct ReadingBenchmark {
  let isQuick: Bool

  func run(_ report: inout Report) throws {
    let rowCount = isQuick ? 300_000 : 2_000_000
    try TemporaryServer.use { url in
      let connection = try PostgresConnection(url)
      try BenchmarkLog.create("small_log", rowCount: rowCount / 4, on: connection)
      try BenchmarkLog.create("log", rowCount: rowCount, on: connection)
      let rounds = try Rounds.inTurns(
        isQuick ? 3 : 5,
        [
          { try Rounds.rate { Double(try BenchmarkLog.read("log", of: url)) } },
          {
            try Rounds.rate {
              try connection.execute("COPY log TO '/dev/null' (FORMAT binary)")
              return Double(rowCount)
            }
          },
        ])
      report.add(.reading, "\(rowCount) rows into the column store", "rows/s", rounds[0])
      report.add(.reading, "the server alone, COPY TO /dev/null", "rows/s", rounds[1])
      report.addRatio(.reading, "ratio to the server alone", rounds[0], to: rounds[1])
      try days(rowCount, of: url, &report)
      for (table, rows) in [("small_log", rowCount / 4), ("log", rowCount)] {
        let peak = try peakMemory(table: table, url: url)
        report.add(.reading, "peak memory with \(rows) rows", "MiB", value: peak)
      }
    }
  }

  /// The nightly job's way: days that are read, days that were kept, and what is made of them.
  private func days(_ rowCount: Int, of url: String, _ report: inout Report) throws {
    let folder = NSTemporaryDirectory() + "/paretorank-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = BenchmarkLog.dayStore("log", of: url, in: folder)
    let rounds = try Rounds.inTurns(
      isQuick ? 3 : 5,
      [
        {
          try FileManager.default.removeItem(atPath: folder)
          return try Rounds.rate { Double(try store.night().rowsRead) }
        },
        {
          try Rounds.rate {
            let night = try store.night()
            return Double(night.rows - night.rowsRead)
          }
        },
        {
          let night = try store.night()
          return try Rounds.rate {
            Double(try BenchmarkLog.encode(night, of: store, in: folder))
          }
        },
      ])
    report.add(
      .reading, "\(rowCount) rows of \(try store.night().days.count) days", "rows/s", rounds[0])
    report.add(.reading, "the same days, kept", "rows/s", rounds[1])
    report.add(.reading, "a column file of kept days", "rows/s", rounds[2])
  }

  /// Reads a table in this process and prints how much memory that took at most; for a process of
  /// its own.
  static func readOnce(table: String, of url: String) throws {
    _ = try BenchmarkLog.read(table, of: url)
    for line in Machine.contents("/proc/self/status").split(separator: "\n")
    where line.hasPrefix("VmHWM:") {
      print(line.split(separator: " ", omittingEmptySubsequences: true).dropFirst()[1])
    }
  }

  /// The largest resident memory of a process that reads a table, in MiB.
  private func peakMemory(table: String, url: String) throws -> Double {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--read-once-from", url, "--read-table", table]
    process.standardOutput = output
    try process.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan) / 1_024
  }
}
