import ArgumentParser
import Jobs
import Logging

/// What messages on standard error look like.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  /// What a command line asks for, also where the rest of it can't be understood: mistakes in it are
  /// messages, too.
  static func asked(in arguments: [String]) -> LogFormat {
    var format = LogFormat.text
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument == "--log", index + 1 < arguments.count {
        format = LogFormat(rawValue: arguments[index + 1]) ?? format
      } else if argument.hasPrefix("--log=") {
        format = LogFormat(rawValue: String(argument.dropFirst("--log=".count))) ?? format
      }
    }
    return format
  }
}

/// From which level on messages are shown.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
  case debug, info, warning, error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// The options about messages.
struct LogOptions: ParsableArguments {
  @Option(
    name: .customLong("log"),
    help: "How messages are written to standard error: text, or one JSON object a line.")
  var format: LogFormat = .text

  @Option(name: .customLong("log-level"), help: "The least important messages to show.")
  var least: LogLevel = .info

  /// Writes to standard error.
  var logger: Logger { Terminal.shared.logger(level: least.level) }
}
