import ArgumentParser
import Combiners
import Foundation
import Jobs
import ModelFiles
import RunConfiguration

/// A configuration file like another one, with what the command line set and what was chosen.
struct ChosenConfiguration {
  /// The file to write.
  let path: String
  /// The option that names it.
  let option: String
  /// The file that it is like.
  let source: String
  /// What the command line set.
  let overrides: [String]

  /// Refuses to write over a file.
  func checkFree() throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw JobError.exists("\(path) is there already; \(option) takes a new file")
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw ValidationError("\(option) \(path): \(folder) is no folder to write to")
    }
  }

  /// Writes the file with settings as `--set` takes them and answers the command that trains by it.
  ///
  /// What isn't touched keeps its comments. A database that the command line names is left to the command,
  /// as its address may hold a password.
  func write(settings: [String]) throws -> String {
    let text = try String(contentsOfFile: source, encoding: .utf8)
    let repeated = overrides.filter(Self.isAddress)
    let written = overrides.filter { !Self.isAddress($0) }
    guard let chosen = try? ConfigurationTemplate.text(text, overriding: written + settings),
      let read = try? RunConfiguration(yaml: chosen, overrides: repeated),
      read == (try? RunConfiguration(yaml: text, overrides: overrides + settings))
    else {
      throw JobError.badData(
        "\(source) is not laid out so that its settings could be replaced; train with "
          + (written + settings).map { "--set '\($0)'" }.joined(separator: " "))
    }
    try checkFree()
    try Data(chosen.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    return "paretorank train --config \(path)" + (repeated.isEmpty ? "" : " --set database=…")
  }

  private static func isAddress(_ override: String) -> Bool { override.hasPrefix("database") }
}
