import Foundation

/// The folder `fixtures/configurations` of this package.
enum Fixtures {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/configurations")

  /// The names of the YAML files in a subfolder, without their ending.
  static func names(in subfolder: String) -> [String] {
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent(subfolder).path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }

  /// The smallest configuration that loads.
  static let smallest = """
    impressions: {from: views, time: shown_at}
    tasks:
      - {name: click, label: clicked}
    features:
      - {number: price}

    """
}
