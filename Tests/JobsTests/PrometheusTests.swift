import Foundation
import Jobs
import Testing

/// A strict reader of Prometheus's text format, after its description.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
private struct PrometheusText {
  struct Fault: Error { var line: String }

  /// Values by series, such as `up{job="a"}`.
  private(set) var values: [String: Double] = [:]
  private(set) var help: [String: String] = [:]

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Fault(line: "the last line doesn't end") }
    var types: [String: String] = [:]
    var current: String?
    let name = "[a-zA-Z_:][a-zA-Z0-9_:]*"
    let label = #"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*""#
    let sample = try Regex<(Substring, Substring, Substring?, Substring)>(
      #"(\#(name))(\{\#(label)(?:,\#(label))*\})? (NaN|[+-]Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"#
    ).matchingSemantics(.unicodeScalar)
    for line in text.dropLast().components(separatedBy: "\n") {
      if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*)/)
      {
        guard help[String(match.1)] == nil else { throw Fault(line: line) }
        help[String(match.1)] = String(match.2)
      } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (gauge|counter)/)
      {
        // Once for each metric, behind its help and before its samples, which stand together.
        let metric = String(match.1)
        guard types[metric] == nil, help[metric] != nil else { throw Fault(line: line) }
        types[metric] = String(match.2)
        current = metric
      } else if let match = try sample.wholeMatch(in: line) {
        let series = String(match.1) + String(match.2 ?? "")
        guard String(match.1) == current, values[series] == nil else { throw Fault(line: line) }
        let number = String(match.3).replacing("Inf", with: "inf").replacing("NaN", with: "nan")
        guard let value = Double(number) else { throw Fault(line: line) }
        values[series] = value
      } else {
        throw Fault(line: line)
      }
    }
  }
}

/// The file for node_exporter's textfile collector.
struct PrometheusTests {
  private static let start: Int64 = 1_772_330_400_000_000

  private static var metrics: NightlyMetrics {
    var metrics = NightlyMetrics(
      model: "shop", run: 12, state: .refused, exitStatus: 3, startedAt: start,
      finishedAt: start + 90_500_000)
    metrics.stages = [
      .init(name: "read", seconds: 1.25, rows: 400_000), .init(name: "gate", seconds: 0),
    ]
    metrics.qualities = [
      .init(
        task: "click", role: .candidate, auc: 0.75, aucLow: 0.7, aucHigh: 0.8, calibration: .nan),
      .init(task: "click", role: .current, auc: 0.76, calibration: 1e-7),
      .init(task: "purchase", role: .candidate, auc: nil, calibration: .infinity),
    ]
    metrics.gatePassed = false
    metrics.modelVersion = 11
    metrics.modelCreatedAt = start - 86_400_000_000
    metrics.dataClock = start - 60_000_000
    return metrics
  }

  @Test func `the format's rules hold, and the numbers are there`() throws {
    let found = try PrometheusText(Self.metrics.file.text)
    let prefix = "paretorank_nightly_"
    let expected: [String: Double] = [
      #"last_run_timestamp_seconds{model="shop"}"#: 1_772_330_490.5,
      #"last_run_number{model="shop"}"#: 12, #"last_run_exit_status{model="shop"}"#: 3,
      #"last_run_state{model="shop",state="refused"}"#: 1,
      #"last_run_state{model="shop",state="published"}"#: 0,
      #"last_run_duration_seconds{model="shop"}"#: 90.5,
      #"stage_duration_seconds{model="shop",stage="read"}"#: 1.25,
      #"stage_rows{model="shop",stage="read"}"#: 400_000,
      #"auc{model="shop",role="current",task="click"}"#: 0.76,
      #"auc_low{model="shop",role="candidate",task="click"}"#: 0.7,
      #"calibration{model="shop",role="current",task="click"}"#: 1e-7,
      #"calibration{model="shop",role="candidate",task="purchase"}"#: .infinity,
      #"gate_passed{model="shop"}"#: 0, #"model_version{model="shop"}"#: 11,
      #"model_age_seconds{model="shop"}"#: 86_490.5,
      #"data_clock_lag_seconds{model="shop"}"#: 60,
    ]
    for (series, value) in expected { #expect(found.values[prefix + series] == value, "\(series)") }
    #expect(
      found.values[prefix + #"calibration{model="shop",role="candidate",task="click"}"#]?.isNaN
        == true)
    #expect(found.values[prefix + #"auc{model="shop",role="candidate",task="purchase"}"#] == nil)
    #expect(found.help.values.allSatisfy { !$0.isEmpty })
  }

  @Test func `promtool has nothing to say, where there is one`() throws {
    let tool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard let tool else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = ["check", "metrics"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(Self.metrics.file.text.utf8))
    try input.fileHandleForWriting.close()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: said, as: UTF8.self) == "")
  }

  @Test func `names that people choose are escaped`() throws {
    var metrics = Self.metrics
    metrics.model = "a \"b\"\\\nc{}= ü"
    let found = try PrometheusText(metrics.file.text)
    #expect(
      found.values[#"paretorank_nightly_model_version{model="a \"b\"\\\nc{}= ü"}"#] == 11)
  }

  @Test func `the file takes the other's place whole, and everybody may read it`() throws {
    let folder = NSTemporaryDirectory() + "/paretorank-prom-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/paretorank.prom"
    for _ in 0..<2 { try Self.metrics.write(to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["paretorank.prom"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.metrics.file.text)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o644)
    #expect(
      throws: JobError.notKept(
        path: folder + "/none/x.prom", reason: "its folder \(folder)/none doesn't exist")
    ) { try Self.metrics.write(to: folder + "/none/x.prom") }
  }

  @Test func `a failed run leaves the time of the last success as it was`() throws {
    let path = NSTemporaryDirectory() + "/paretorank-\(UUID().uuidString).prom"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func success(of model: String) throws -> Double? {
      try PrometheusText(String(contentsOfFile: path, encoding: .utf8))
        .values["paretorank_nightly_last_success_timestamp_seconds{model=\"\(model)\"}"]
    }
    var metrics = Self.metrics
    try metrics.write(to: path)
    #expect(try success(of: "shop") == nil)
    metrics.state = .published
    try metrics.write(to: path)
    #expect(try success(of: "shop") == 1_772_330_490.5)
    for state in [NightlyMetrics.State.failed, .refused, .nothingNew] {
      metrics.state = state
      metrics.finishedAt += 86_400_000_000
      try metrics.write(to: path)
      #expect(try success(of: "shop") == 1_772_330_490.5)
    }
    metrics.model = "other"
    try metrics.write(to: path)
    #expect(try success(of: "other") == nil)
  }
}
