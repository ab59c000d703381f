import Foundation
import Reports

/// A folder for a test's report, which goes with this object.
final class ReportPlace {
  /// The folder around the report.
  let folder: String
  /// The report.
  var report: String { "\(folder)/report" }

  init() throws {
    folder = NSTemporaryDirectory() + "/paretorank-report-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Writes a page and returns its HTML.
  func write(_ page: ReportPage) throws -> String {
    let path = try ReportWriter(directory: report).write(page)
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  /// What lies in the report.
  func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: report).sorted()
  }

  /// What lies beside the report.
  func neighbours() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(report)/\(name)", encoding: .utf8)
  }
}
