internal import Glibc
internal import Interactions
public import Logging

/// Writes log messages as lines of JSON, one object each, for programs that gather logs.
///
/// An object has `time` (ISO 8601, UTC, milliseconds), `level`, `label`, `message`, and `metadata` where
/// there is some. A message of several lines stays in one object: line ends and every other
/// control character are escaped.
public struct JSONLog: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let write: @Sendable (String) -> Void

  /// Hands each line, without its end, to `write`.
  public init(
    label: String, level: Logger.Level = .info, write: @escaping @Sendable (String) -> Void
  ) {
    self.label = label
    logLevel = level
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let all = (metadataProvider?.get() ?? [:])
      .merging(metadata) { $1 }.merging(event.metadata ?? [:]) { $1 }
    var line = #"{"time":"\#(Self.text(time))","level":"\#(event.level.rawValue)","label":"#
    Self.append(label, to: &line)
    line += #","message":"#
    Self.append(event.message.description, to: &line)
    if !all.isEmpty {
      line += #","metadata":"#
      Self.append(.dictionary(all), to: &line)
    }
    write(line + "}")
  }

  /// `2026-03-01T08:30:00.250Z`.
  static func text(_ time: timespec) -> String {
    let whole = Timestamp.text(Int64(time.tv_sec) * 1_000_000)
    let digits = String(time.tv_nsec / 1_000_000)
    return whole.dropLast().replacing(" ", with: "T") + "."
      + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
  }

  private static func append(_ value: Logger.MetadataValue, to line: inout String) {
    switch value {
    case .string(let text): append(text, to: &line)
    case .stringConvertible(let value as Bool): line += "\(value)"
    case .stringConvertible(let value as any BinaryInteger): line += "\(value)"
    case .stringConvertible(let value as Double) where value.isFinite: line += "\(value)"
    case .stringConvertible(let value): append(value.description, to: &line)
    case .array(let values):
      line += "["
      for (index, value) in values.enumerated() {
        if index > 0 { line += "," }
        append(value, to: &line)
      }
      line += "]"
    case .dictionary(let values):
      line += "{"
      for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { line += "," }
        append(entry.key, to: &line)
        line += ":"
        append(entry.value, to: &line)
      }
      line += "}"
    }
  }

  /// A text in quotes; what could end a line or steer a terminal is escaped.
  private static func append(_ text: String, to line: inout String) {
    line += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: line.unicodeScalars.append(scalar)
      }
    }
    line += "\""
  }
}
