import Files
import Glibc
public import Interactions

/// Writes a ``RawDay`` from the rows of one UTC day, read chunk by chunk.
///
/// As with ``LogEncoder``, values go to files beside the destination until the last row has come;
/// then they are put in order of time, written to one file, synchronised and renamed into place.
/// Whatever stops this leaves nothing behind.
///
/// Memory grows with distinct ids, and by 12 bytes a row if rows come out of order.
public struct RawDayWriter: ChunkTaking, ~Copyable {
  private let path: String
  private let key: String
  private let start: Int64
  private let clock: Int64
  private let folder: BuildingFolder
  private var arriving: ArrivingLog
  private var hours = [MissingCounts](repeating: MissingCounts(), count: 24)

  /// Starts a day.
  ///
  /// - Parameters:
  ///   - path: The file to write; its folder must exist.
  ///   - key: What the file depends on (settings, data), to recognise it later.
  ///   - columns: The columns of every chunk.
  ///   - features: The features that are to be made from them.
  ///   - roles: The columns that say when, who and with what outcome.
  ///   - start: When the day starts, in microseconds since 1970 UTC.
  ///   - clock: Until when the log is complete, in microseconds since 1970 UTC.
  /// - Throws: ``LogEncodingError`` where definitions don't fit the columns, ``ColumnFileError``.
  public init(
    writing path: String, key: String, columns: [ColumnDescription],
    features: [FeatureDefinition], roles: LogRoles, start: Int64, clock: Int64
  ) throws {
    let plan = try LogPlan(columns: columns, features: features, roles: roles)
    let folder = try BuildingFolder(for: path)
    let arriving = try ArrivingLog(plan, in: folder.path)
    self.path = path
    self.key = key
    self.start = start
    self.clock = clock
    self.folder = folder
    self.arriving = arriving
  }

  /// Adds rows of the day, in any order of time.
  ///
  /// - Throws: ``LogEncodingError`` where a value isn't what its role needs, ``ColumnFileError``.
  public mutating func append(_ chunk: RowChunk) throws {
    try arriving.append(chunk)
    try countMissing(chunk)
  }

  private mutating func countMissing(_ chunk: RowChunk) throws {
    let plan = arriving.plan
    guard let time = plan.time?.column else { preconditionFailure("a log without times") }
    let hourOfRow = try chunk.columns[time].times(of: plan.columns[time], firstRow: 0).map {
      min(max(Int(($0 - start) / MissingCounts.hour), 0), 23)
    }
    for hour in hourOfRow { hours[hour].rowCount += 1 }
    for column in Set(plan.sources.map(\.column)) {
      let isMissing = chunk.columns[column].isMissing
      guard isMissing.contains(true) else { continue }
      let name = plan.columns[column].name
      for (row, hour) in hourOfRow.enumerated() where isMissing[row] {
        hours[hour].missing[name, default: 0] += 1
      }
    }
  }

  /// Writes the file and opens it.
  ///
  /// - Returns: The day.
  /// - Throws: ``ColumnFileError``.
  public consuming func finish() throws -> RawDay {
    let spilled = try arriving.finish()
    let times = try spilled.times()
    if times.count > 0 {
      let day = start..<(start + Timestamp.microsecondsPerDay)
      precondition(
        day.contains(times[0]) && day.contains(times[times.count - 1]), "rows of other days")
    }
    let finished = folder.path + "/finished"
    var writer = try ColumnFileWriter(creating: finished)
    try spilled.writeRaw(to: &writer)
    try writer.finish(
      RawDayHeader(
        key: key, columns: spilled.plan.columns, sources: spilled.plan.sources, start: start,
        clock: clock, summary: arriving.summary, hours: hours),
      path: finished)
    guard unsafe rename(finished, path) == 0 else { throw ColumnFileError.last(path) }
    do { try waitForNames(in: splitPath(path).folder) } catch { throw ColumnFileError.last(path) }
    return try RawDay.open(path, expectedKey: key, verifying: false)
  }
}
