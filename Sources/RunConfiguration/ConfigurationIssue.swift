internal import Interactions

/// One mistake in a run configuration: where it is, what was found, and what would fit.
public struct ConfigurationIssue: Sendable, Equatable, CustomStringConvertible {
  /// Where the mistaken value came from.
  public enum Origin: Sendable, Equatable {
    /// The configuration's text; lines and columns count from 1.
    case file(String, line: Int?, column: Int?)
    /// A setting given beside the file, as in `--set network.experts=8`, by its path.
    case override(path: String)
  }

  public var origin: Origin
  /// The key's path, such as `features.2.dimension`; list positions count from 0.
  ///
  /// It is empty where the mistake is not about a key.
  public var path: String
  /// What was found and what would fit, on one line.
  public var problem: String
  /// What the author may have meant, as it would be written.
  public var suggestion: String?

  public init(origin: Origin, path: String, problem: String, suggestion: String? = nil) {
    self.origin = origin
    self.path = path
    self.problem = problem
    self.suggestion = suggestion
  }

  public var line: Int? {
    if case .file(_, let line, _) = origin { line } else { nil }
  }

  public var column: Int? {
    if case .file(_, _, let column) = origin { column } else { nil }
  }

  /// The whole issue on one line.
  public var description: String {
    var text =
      switch origin {
      case .file(let name, let line?, _): "\(name):\(line): "
      case .file(let name, nil, _): "\(name): "
      case .override(let path): "--set \(path): "
      }
    if !path.isEmpty, origin != .override(path: path) { text += "\(path): " }
    return text + problem + Spelling.hint(suggestion)
  }
}

/// Why a run configuration could not be used.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case missingFile(path: String)
  case unreadable(path: String, reason: String)
  /// Every mistake in the configuration, in the order of the file.
  case invalid([ConfigurationIssue])

  /// One line for each mistake.
  public var description: String {
    switch self {
    case .missingFile(let path):
      "\(path): no such file; paretorank init writes a first configuration"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .invalid(let issues): issues.map(\.description).joined(separator: "\n")
    }
  }
}
