internal import Files
import Foundation
internal import Reports
internal import RunConfiguration

// Where a night is to leave what the morning reads. A mistake in that is found before the work.

extension NightlyJob {
  /// Refuses a file of numbers that no night could write.
  func checkMetricsFile() throws(JobError) {
    guard let path = configuration.nightly.metricsFile else { return }
    var isFolder: ObjCBool = false
    let folder = splitPath(path).folder
    guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw .missingConfiguration(
        "nightly.metrics_file: \(path): its folder \(folder) doesn't exist")
    }
  }

  /// Refuses a folder of the report that no report could take the place of.
  ///
  /// What else keeps a report from being written may pass until the night has ended.
  func checkReport() throws(JobError) {
    guard let directory = configuration.nightly.report else { return }
    var isFolder: ObjCBool = false
    let folder = splitPath(directory).folder
    guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw .missingConfiguration(
        "nightly.report: \(directory): its folder \(folder) doesn't exist")
    }
    do { _ = try ReportWriter(directory: directory) } catch {
      if case .foreignDestination = error {
        throw .missingConfiguration("nightly.report: \(error)")
      }
    }
  }
}
