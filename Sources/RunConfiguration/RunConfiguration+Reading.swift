import Foundation

extension RunConfiguration {
  /// The JSON schema of configuration files (2020-12), as text.
  public static var schemaJSON: String {
    String(decoding: PackageResources.run_configuration_schema_json, as: UTF8.self)
  }

  /// Reads, overrides, checks and types the configuration file at `path`.
  ///
  /// - Parameters:
  ///   - path: A file of UTF-8 YAML, of at most 1 MiB.
  ///   - overrides: Settings as in `network.experts=8`; they win over the file's.
  /// - Returns: The configuration, defaults filled in.
  /// - Throws: ``ConfigurationError``; where the text is at fault, with every mistake in it.
  public static func load(
    path: String, overrides: [String] = []
  ) throws(ConfigurationError) -> RunConfiguration {
    guard FileManager.default.fileExists(atPath: path) else { throw .missingFile(path: path) }
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      data = try file.read(upToCount: YAMLLimits.size + 1) ?? Data()
    } catch {
      throw .unreadable(path: path, reason: reason(of: error))
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .unreadable(path: path, reason: "it is not UTF-8 text")
    }
    return try RunConfiguration(yaml: text, file: path, overrides: overrides)
  }

  /// Reads, overrides, checks and types a configuration.
  ///
  /// - Parameters:
  ///   - yaml: The configuration's text.
  ///   - file: What issues call the text.
  ///   - overrides: Settings as in `network.experts=8`; they win over the text's.
  /// - Throws: ``ConfigurationError/invalid(_:)`` with every mistake that could be found.
  public init(
    yaml: String, file: String = "paretorank.yaml", overrides: [String] = []
  ) throws(ConfigurationError) {
    let node: YAMLNode?
    do {
      node = try YAMLNode.read(yaml) { .file(file, line: $0, column: $1) }
    } catch {
      throw .invalid([error.issue])
    }
    let start = ConfigurationIssue.Origin.file(file, line: nil, column: nil)
    guard let node else {
      throw .invalid([
        ConfigurationIssue(
          origin: start, path: "",
          problem: "empty; a configuration needs "
            + ConfigurationSchema.root.required.joined(separator: ", "))
      ])
    }
    var (root, issues) = node.applying(overrides: overrides)
    root.place = start
    var walker = SchemaWalker()
    let checked = walker.check(root)
    issues += walker.issues
    if let checked { issues += SemanticChecks.issues(of: checked) }
    guard issues.isEmpty, let checked else { throw .invalid(Self.ordered(issues)) }
    self.init(checked)
  }

  /// Issues in the order of the file, then those of overrides.
  private static func ordered(_ issues: [ConfigurationIssue]) -> [ConfigurationIssue] {
    func key(_ issue: ConfigurationIssue) -> (Int, Int) {
      if case .override = issue.origin { return (.max, 0) }
      return (issue.line ?? 0, issue.column ?? 0)
    }
    return issues.enumerated().sorted {
      let (a, b) = (key($0.element), key($1.element))
      return a == b ? $0.offset < $1.offset : a < b
    }.map(\.element)
  }

  private static func reason(of error: any Error) -> String {
    let error = error as NSError
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError,
      cause.domain == NSPOSIXErrorDomain, let code = POSIXErrorCode(rawValue: Int32(cause.code))
    {
      switch code {
      case .EACCES: return "permission denied"
      case .EISDIR: return "it is a directory"
      default: break
      }
    }
    return error.localizedDescription
  }

  /// The configuration as JSON with sorted keys: equal configurations give equal bytes.
  public func canonicalJSON() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
