import Logging

/// Writes log messages to standard error: `warning: …`, and plain text for information.
struct TerminalLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(level: Logger.Level) { logLevel = level }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let prefix: String =
      switch event.level {
      case .info, .notice: ""
      case .critical: "error: "
      default: "\(event.level.rawValue): "
      }
    for line in event.message.description.split(whereSeparator: \.isNewline) {
      Terminal.shared.write(prefix + line)
    }
  }
}
