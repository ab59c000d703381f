/// The days of a log as one snapshot of the database had them, raw values in a file each.
package struct Night: Sendable, Equatable {
  /// The rows of one UTC day.
  package struct Day: Sendable, Equatable {
    /// In microseconds since 1970 UTC.
    package var start: Int64
    /// Its file, a ``RawDay``.
    package var path: String
    package var rows: Int
    /// Whether the file was there already; otherwise its rows were read now.
    package var wasKept: Bool
    /// Whether the day can change no more, so that its file is never read again.
    package var isClosed: Bool
  }

  /// Until when the log is complete, in microseconds since 1970 UTC; no row is younger.
  package var clock: Int64
  /// In order of time; days without rows are left out.
  package var days: [Day]
  /// Rows of the log without a time, and rows younger than the clock: neither were read.
  package var withoutTime: Int
  package var inFuture: Int
  /// Seconds of reading, all attempts and the pauses between them included.
  package var seconds: Double

  package var rows: Int { days.reduce(0) { $0 + $1.rows } }

  /// Rows that were read from the database for this night.
  package var rowsRead: Int { days.reduce(0) { $0 + ($1.wasKept ? 0 : $1.rows) } }
}
