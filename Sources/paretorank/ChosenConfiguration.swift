import ArgumentParser
import Combiners
import Foundation
import Jobs
import ModelFiles
import RunConfiguration

/// A configuration file like another one, with a combiner or settings that were chosen.
struct ChosenConfiguration {
  /// The file to write.
  let path: String
  /// The option that names it.
  let option: String
  /// The file that it is like.
  let source: String
  /// What the command line changed; it isn't in the file, so that the command to train repeats it.
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

  /// Writes the file and answers the command that trains by it.
  func write(_ combiner: RunConfiguration.Combiner) throws -> String {
    let text = try String(contentsOfFile: source, encoding: .utf8)
    let chosen = Self.replacingCombiner(in: text, by: "combiner: \(combiner.yaml)")
    guard let read = try? RunConfiguration(yaml: chosen, overrides: overrides),
      read.combiner.kind == combiner.kind,
      // Reading fills in what was left to its default.
      combiner.settings.values.allSatisfy({ read.combiner.settings[$0.key] == $0.value })
    else {
      throw JobError.badData(
        "\(source) is not laid out so that its combiner could be replaced; "
          + "train with --set 'combiner=\(combiner.yaml)'")
    }
    return try write(chosen, repeating: overrides)
  }

  /// The same with settings as `--set` takes them; what they don't touch keeps its comments.
  ///
  /// What the command line changed in the same sections is in the file, too: repeated, it could take a
  /// setting back.
  func write(settings: [String]) throws -> String {
    let text = try String(contentsOfFile: source, encoding: .utf8)
    let sections = Set(settings.map(Self.section))
    let written = overrides.filter { sections.contains(Self.section($0)) }
    let others = overrides.filter { !sections.contains(Self.section($0)) }
    guard let chosen = try? ConfigurationTemplate.text(text, overriding: written + settings),
      let read = try? RunConfiguration(yaml: chosen, overrides: others),
      read == (try? RunConfiguration(yaml: text, overrides: overrides + settings))
    else {
      throw JobError.badData(
        "\(source) is not laid out so that its settings could be replaced; train with "
          + settings.map { "--set '\($0)'" }.joined(separator: " "))
    }
    return try write(chosen, repeating: others)
  }

  /// The top-level key that a setting is a part of.
  private static func section(_ setting: String) -> Substring {
    setting.prefix { $0 != "." && $0 != "=" }
  }

  private func write(_ text: String, repeating overrides: [String]) throws -> String {
    try checkFree()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    let settings = overrides.map { override in
      // A database's address may hold a password.
      override.hasPrefix("database") ? " --set database=…" : " --set '\(override)'"
    }
    return "paretorank train --config \(path)" + settings.joined()
  }

  /// The text without its top-level combiner, and with `line` at its end.
  private static func replacingCombiner(in text: String, by line: String) -> String {
    var kept: [Substring] = []
    var isInCombiner = false
    for textLine in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isTop = textLine.first.map { !$0.isWhitespace && $0 != "#" } ?? false
      if isTop { isInCombiner = textLine.hasPrefix("combiner:") }
      if !isInCombiner { kept.append(textLine) }
    }
    while kept.last?.isEmpty == true { kept.removeLast() }
    return kept.joined(separator: "\n") + "\n\(line)\n"
  }
}
