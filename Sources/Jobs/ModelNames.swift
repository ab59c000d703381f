import Foundation
public import RunConfiguration

/// How model directories are called: a name, and when they were made.
public enum ModelNames {
  /// A name that no model has yet: `models/shop-20260301T030000Z`.
  static func new(_ output: RunConfiguration.Output, now: Date) -> String {
    let base = "\(output.models)/\(output.name)-\(stamp(now))"
    var path = base
    var count = 1
    while FileManager.default.fileExists(atPath: path) {
      count += 1
      path = "\(base)-\(count)"
    }
    return path
  }

  /// A directory as the registry notes it, so that it is found from everywhere.
  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  /// The newest model of a configuration that is none of `others`, absolute paths; nil where there is
  /// none.
  public static func newest(
    _ output: RunConfiguration.Output, besides others: Set<String> = []
  ) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output.models)) ?? []
    return names.filter { isModel($0, of: output.name) }.sorted(by: >)
      .map { "\(output.models)/\($0)" }.first { !others.contains(absolute($0)) }
  }

  private static func isModel(_ name: String, of prefix: String) -> Bool {
    guard name.hasPrefix(prefix + "-") else { return false }
    let stamp = name.dropFirst(prefix.count + 1)
    return stamp.first?.isNumber == true && stamp.contains("T")
  }

  private static func stamp(_ date: Date) -> String {
    date.formatted(
      .iso8601.year().month().day().timeZone(separator: .omitted)
        .dateSeparator(.omitted).time(includingFractionalSeconds: false).timeSeparator(.omitted))
  }
}
