internal import Files
import Foundation
internal import Reports
internal import RunConfiguration

// Where a night is to leave what the morning reads. A mistake in that is found before the work.

extension NightlyJob {
  /// Refuses a file of numbers that no night could write.
  func checkMetricsFile() throws(JobError) {
    guard let path = configuration.nightly.metricsFile else { return }
    try checkFolder(of: path, "nightly.metrics_file")
  }

  /// Refuses a folder of the report that no report could take the place of.
  ///
  /// What else keeps a report from being written may pass until the night has ended.
  func checkReport() throws(JobError) {
    guard let directory = configuration.nightly.report else { return }
    try checkFolder(of: directory, "nightly.report")
    do { _ = try ReportWriter(directory: directory) } catch {
      if case .foreignDestination = error {
        throw .missingConfiguration("nightly.report: \(error)")
      }
    }
  }

  private func checkFolder(of path: String, _ setting: String) throws(JobError) {
    var isFolder: ObjCBool = false
    let folder = splitPath(path).folder
    guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw .missingConfiguration("\(setting): \(path): its folder \(folder) doesn't exist") }
  }
}
