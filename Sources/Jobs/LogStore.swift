internal import ColumnFiles
import Foundation
internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

/// Encoded logs on disk, read again from the database only when something changed.
///
/// A log's file is named after what was asked (query, features, roles, split) and holds as its key
/// the same together with the window's times and a fingerprint of the tables behind the query. So a
/// night's file takes the place of the night's before. Logs encoded as a model was trained have a
/// file for each model and window, of which the newest stay.
struct LogStore {
  let context: JobContext
  let directory: String
  private let location: DatabaseLocation
  private let limits: RunConfiguration.Limits

  init(_ configuration: RunConfiguration, context: JobContext, directory: String) {
    self.context = context
    self.directory = directory
    location = DatabaseLocation(configuration)
    limits = configuration.limits
  }

  /// A log, and whether it was there already.
  struct Result {
    var file: ColumnFile
    var wasReused: Bool
    /// Seconds of reading; 0 where reused.
    var seconds: Double
  }

  /// The rows that a configuration's split needs, with features fitted on its training rows.
  func trainingLog(_ configuration: RunConfiguration, fresh: Bool) throws -> Result {
    let split = configuration.split
    let wanted = Wanted(
      columns: configuration.trainingColumns, features: configuration.features,
      roles: configuration.trainingRoles, split: split)
    return try log(
      wanted, variant: nil, configuration, fresh: fresh,
      window: { configuration.split.neededWindow(newest: $0) }
    ) { path, key, columns in
      try LogEncoder(
        writing: path, key: key, columns: columns, features: configuration.features,
        roles: configuration.trainingRoles, split: split)
    }
  }

  /// The rows of a window, encoded as a model was trained; nil reads all rows.
  ///
  /// Who gathers further columns of the rows has the database read, even if the log was kept.
  func log(
    of window: Range<Int64>?, for model: StoredModel, _ configuration: RunConfiguration,
    fresh: Bool, gathering gatherers: [any RowGatherer] = []
  ) throws -> Result {
    let roles = configuration.roles
    let wanted = Wanted(
      columns: configuration.columns, features: [], roles: roles, split: nil)
    let variant = model.digest + (window.map { " \($0)" } ?? "")
    return try log(
      wanted, variant: variant, configuration, fresh: fresh, gathering: gatherers,
      window: { _ in window }
    ) { path, key, columns in
      try LogEncoder(
        writing: path, key: key, columns: columns, fitted: model.features, roles: roles)
    }
  }

  /// What a file is made for.
  private struct Wanted: Encodable {
    var columns: [String]
    var features: [FeatureDefinition]
    var roles: LogRoles
    var split: Split?
  }

  /// Files that differ in their variant alone: so many stay.
  private static let variantCount = 4

  private func log(
    _ wanted: Wanted, variant: String?, _ configuration: RunConfiguration, fresh: Bool,
    gathering gatherers: [any RowGatherer] = [], window: (_ newest: Int64) -> Range<Int64>?,
    encoder: (_ path: String, _ key: String, _ columns: [ColumnDescription]) throws ->
      sending LogEncoder
  ) throws -> Result {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let connection = try location.connect(isCancelled: context.isCancelled)
    let rows = configuration.impressions
    let query = LogQuery(
      source: rows.rows.source, condition: rows.condition, columns: wanted.columns,
      vectorColumns: configuration.features.vectorColumns, timeColumn: rows.time)
    let all = try query.sql(on: connection)
    let newest = try connection.newestTime(in: rows.time, of: all)
    guard let newest else { throw JobError.noRows("\(rows.rows.name) has no rows") }
    var windowed = query
    windowed.window = window(newest)
    let sql = try windowed.sql(on: connection)

    let settings = try wanted.json()
    let place = "\(connection.user) \(connection.host) \(connection.port) \(connection.database)"
    let name = [place, settings, all].joined(separator: "\n").stableDigest
    let path = "\(directory)/\(name)\(variant.map { "-" + $0.stableDigest } ?? "").columns"
    let fingerprint = try connection.fingerprint(of: sql)
    let key = [place, settings, variant ?? "", sql, fingerprint ?? UUID().uuidString]
      .joined(separator: "\n")
    if !fresh, gatherers.isEmpty, fingerprint != nil,
      let file = try? ColumnFile.open(path, expectedKey: key)
    {
      return Result(file: file, wasReused: true, seconds: 0)
    }
    for name in gatherers.flatMap(\.columnNames) where !windowed.columns.contains(name) {
      windowed.columns.append(name)
    }
    let result = try read(
      windowed.sql(on: connection), to: path, key: key, encoded: wanted.columns.count,
      gathering: gatherers, encoder: encoder)
    if variant != nil { removeOldFiles(startingWith: name + "-") }
    return result
  }

  /// Removes all but the newest files of a name; whoever has one open goes on reading it.
  private func removeOldFiles(startingWith prefix: String) {
    let files = FileManager.default
    let names = (try? files.contentsOfDirectory(atPath: directory)) ?? []
    let dated = names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".columns") }
      .map { name -> (path: String, time: Date) in
        let path = "\(directory)/\(name)"
        let attributes = try? files.attributesOfItem(atPath: path)
        return (path, attributes?[.modificationDate] as? Date ?? .distantPast)
      }
    for old in dated.sorted(by: { $0.time > $1.time }).dropFirst(Self.variantCount) {
      try? files.removeItem(atPath: old.path)
    }
  }

  private func read(
    _ sql: String, to path: String, key: String, encoded columnCount: Int,
    gathering gatherers: [any RowGatherer],
    encoder make: (_ path: String, _ key: String, _ columns: [ColumnDescription]) throws ->
      sending LogEncoder
  ) throws -> Result {
    let start = ContinuousClock.now
    let encoder = BackgroundEncoder<LogEncoder>()
    var rowCount = 0
    defer { encoder.discard() }
    let reader = SnapshotReader(
      retrying: Retrying(limits, context: context),
      connect: { () throws(PostgresError) in
        try location.connect(isCancelled: context.isCancelled)
      },
      query: { (_) throws(PostgresError) in sql })
    var places: [[Int]] = []
    let rows = try reader.read { columns in
      let names = columns.map(\.name)
      places = gatherers.map { $0.columnNames.compactMap(names.firstIndex) }
      for (gatherer, places) in zip(gatherers, places) {
        try gatherer.begin(places.map { columns[$0] })
      }
      try encoder.restart { try make(path, key, Array(columns.prefix(columnCount))) }
      rowCount = 0
    } rows: { chunk in
      try encoder.append(RowChunk(columns: Array(chunk.columns.prefix(columnCount))))
      for (gatherer, places) in zip(gatherers, places) {
        try gatherer.append(places.map { chunk.columns[$0] })
      }
      rowCount += chunk.rowCount
      context.onProgress(JobProgress(stage: "reading", done: rowCount))
    }
    guard rows > 0 else { throw JobError.noRows("no row lies in the window") }
    let file = try encoder.finish()
    return Result(
      file: file, wasReused: false, seconds: start.duration(to: .now) / .seconds(1))
  }
}

extension RunConfiguration.Rows {
  /// What messages call these rows.
  var name: String {
    switch self {
    case .relation(let relation): relation.description
    case .query: "the query"
    }
  }
}

extension Encodable {
  /// JSON with sorted keys, the same for equal values.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension String {
  /// 16 hexadecimal digits, equal for equal texts on every machine.
  var stableDigest: String {
    var text = self
    let hash = text.withUTF8 { unsafe StableHash.bytes(UnsafeRawBufferPointer($0)) }
    return String(hash, radix: 16)
  }
}
