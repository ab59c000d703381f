import Interactions

/// A point in time, as whole microseconds since 1970-01-01 00:00 UTC.
///
/// In JSON it is a text in the form of ISO 8601, such as `2026-05-01T08:30:00Z`.
public struct Moment: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var microseconds: Int64

  public init(_ microseconds: Int64) { self.microseconds = microseconds }

  /// The time as people write it, `2026-05-01 08:30:00.5Z`.
  public var description: String { Timestamp.text(microseconds) }

  /// The same without what is less than a second.
  public var wholeSeconds: Moment {
    let rest = microseconds % 1_000_000
    return Moment(microseconds - (rest < 0 ? rest + 1_000_000 : rest))
  }

  public static func < (first: Moment, second: Moment) -> Bool {
    first.microseconds < second.microseconds
  }

  /// SQL for the microseconds of a time, NULL where it is NULL.
  static func sql(_ time: String) -> String { "(extract(epoch FROM \(time)) * 1000000)::int8" }

  /// SQL for the time of a parameter that holds microseconds or NULL.
  static func time(ofParameter number: Int) -> String {
    "timestamptz 'epoch' + $\(number)::int8 * interval '1 microsecond'"
  }
}

extension Moment: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = Timestamp.time(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not a time, as in 2026-03-01T08:30:00Z")
    }
    self.init(time)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description.replacing(" ", with: "T"))
  }
}
