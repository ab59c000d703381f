internal import Files
internal import Glibc

/// Numbers in Prometheus's text format, for the textfile collector of node_exporter.
///
/// The collector reads files whose names end in `.prom`, and must never see half of one.
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
public struct PrometheusFile: Sendable, Equatable {
  /// One series of a metric.
  public struct Sample: Sendable, Equatable {
    public var labels: [String: String]
    public var value: Double

    public init(_ value: Double, labels: [String: String] = [:]) {
      self.labels = labels
      self.value = value
    }
  }

  private struct Metric: Equatable {
    var name: String
    var help: String
    var samples: [Sample]
  }

  private var metrics: [Metric] = []

  public init() {}

  /// Adds a gauge; one without samples is left out.
  ///
  /// No name may come twice, and no two samples of a name may have the same labels.
  public mutating func add(_ name: String, help: String, _ samples: [Sample]) {
    precondition(Self.isName(name), "\(name) is no metric's name")
    precondition(!metrics.contains { $0.name == name }, "\(name) comes twice")
    precondition(samples.allSatisfy { $0.labels.keys.allSatisfy(Self.isName) }, "a bad label")
    precondition(Set(samples.map(\.labels)).count == samples.count, "\(name) repeats labels")
    guard !samples.isEmpty else { return }
    metrics.append(Metric(name: name, help: help, samples: samples))
  }

  /// Adds a gauge of one sample; nil leaves it out.
  public mutating func add(
    _ name: String, help: String, _ value: Double?, labels: [String: String] = [:]
  ) {
    add(name, help: help, value.map { [Sample($0, labels: labels)] } ?? [])
  }

  /// The whole file.
  public var text: String {
    var text = ""
    for metric in metrics {
      text += "# HELP \(metric.name) \(Self.escaped(metric.help))\n# TYPE \(metric.name) gauge\n"
      for sample in metric.samples {
        let labels = sample.labels.sorted { $0.key < $1.key }.map { key, value in
          "\(key)=\"\(Self.escaped(value).replacing("\"", with: "\\\""))\""
        }
        text += metric.name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
        text += " \(Self.number(sample.value))\n"
      }
    }
    return text
  }

  /// Puts the file in its place: whole, or not at all.
  ///
  /// Until then it has a hidden name without the ending that the collector looks for. Everybody may
  /// read it, because the collector is another user.
  ///
  /// - Throws: ``JobError/notKept(path:reason:)`` where it can't be written; an older one then stays.
  public func write(to path: String) throws(JobError) {
    do {
      let entry = try PartialEntry(.file, for: path)
      var text = text
      try text.withUTF8 { try unsafe writeAll(UnsafeRawBufferPointer($0), to: entry.descriptor) }
      guard fchmod(entry.descriptor, 0o644) == 0, fsync(entry.descriptor) == 0 else {
        throw FileProblem.last
      }
      try entry.move(to: path)
    } catch let error as PartialEntryProblem {
      throw Self.notKept(path, error)
    } catch {
      let code = if case FileProblem.system(let code) = error { code } else { EIO }
      throw Self.notKept(path, .system(code))
    }
  }

  private static func notKept(_ path: String, _ problem: PartialEntryProblem) -> JobError {
    let reason =
      switch problem {
      case .noName: "it doesn't end with a name"
      case .noFolder(let folder): "its folder \(folder) doesn't exist"
      case .taken: "there is something else"
      case .system(let code): unsafe String(cString: strerror(code))
      }
    return .notKept(path: path, reason: reason)
  }

  private static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let whole = Int64(exactly: value)
    return whole.map { "\($0)" } ?? "\(value)"
  }
}
