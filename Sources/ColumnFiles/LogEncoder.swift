import Glibc
public import Interactions

/// Turns a log that is read once, chunk by chunk, into a ``ColumnFile``.
///
/// While chunks arrive, the values that are needed go to files beside the destination, ids as
/// numbers in order of first sight. At the end the rows are put in order of time if they came in
/// another, split, what features need is learned from the training rows alone, and the column file
/// is written, synchronised and renamed into place. Whatever stops this leaves nothing behind, and
/// what a killed process leaves is removed by the next encoder that writes to the same folder.
///
/// Memory grows with distinct ids, by 12 bytes a row if rows come out of order, and by 8 if they are
/// split at random, but never with rows times columns.
public struct LogEncoder: ChunkTaking, ~Copyable {
  private enum Fitting {
    case trainingRows(Split)
    case existing(FittedFeatures)
    case night(NightFitting)
  }

  private let path: String
  private let key: String
  private let fitting: Fitting
  private let folder: BuildingFolder
  var arriving: ArrivingLog

  /// Starts a log whose training rows say how features are encoded.
  ///
  /// - Parameters:
  ///   - path: The file to write; its folder must exist.
  ///   - key: What the file depends on (settings, data), to recognise it later.
  ///   - columns: The columns of every chunk.
  ///   - features: The features to make from them.
  ///   - roles: The columns that say when, who and with what outcome.
  ///   - split: Which rows train.
  /// - Throws: ``LogEncodingError`` where definitions don't fit the columns, ``ColumnFileError``.
  public init(
    writing path: String, key: String, columns: [ColumnDescription],
    features: [FeatureDefinition], roles: LogRoles, split: Split
  ) throws {
    try self.init(
      path, key, LogPlan(columns: columns, features: features, roles: roles),
      .trainingRows(split))
  }

  /// Starts a log whose features were fitted earlier: nothing is learned from its rows.
  ///
  /// - Parameters:
  ///   - path: The file to write; its folder must exist.
  ///   - key: What the file depends on (settings, data), to recognise it later.
  ///   - columns: The columns of every chunk.
  ///   - fitted: The features, as a model was trained with.
  ///   - roles: The columns that say when, who and with what outcome.
  /// - Throws: ``LogEncodingError`` where definitions don't fit the columns, ``ColumnFileError``.
  public init(
    writing path: String, key: String, columns: [ColumnDescription], fitted: FittedFeatures,
    roles: LogRoles
  ) throws {
    try self.init(
      path, key, LogPlan(fitted, columns: columns, roles: roles, rolesAreOptional: false),
      .existing(fitted))
  }

  /// Starts a log of a night, whose features follow from those of the nights before.
  ///
  /// - Parameters:
  ///   - path: The file to write; its folder must exist.
  ///   - key: What the file depends on (settings, data, the model before), to recognise it later.
  ///   - columns: The columns of every chunk.
  ///   - roles: The columns that say when, who and with what outcome.
  ///   - night: The features of before, and the rows that count.
  /// - Throws: ``LogEncodingError`` where definitions don't fit the columns, ``ColumnFileError``.
  public init(
    writing path: String, key: String, columns: [ColumnDescription], roles: LogRoles,
    night: NightFitting
  ) throws {
    let plan =
      switch night.start {
      case .fresh(let features):
        try LogPlan(columns: columns, features: features, roles: roles)
      case .extending(let features, histories: _):
        try LogPlan(features, columns: columns, roles: roles, rolesAreOptional: false)
      }
    try self.init(path, key, plan, .night(night))
  }

  private init(_ path: String, _ key: String, _ plan: LogPlan, _ fitting: Fitting) throws {
    let folder = try BuildingFolder(for: path)
    let arriving = try ArrivingLog(plan, in: folder.path)
    self.path = path
    self.key = key
    self.fitting = fitting
    self.folder = folder
    self.arriving = arriving
  }

  /// Adds rows, in any order of time; nearly free of sorting if they come in order.
  ///
  /// - Throws: ``LogEncodingError`` where a value isn't what its role needs, ``ColumnFileError``.
  public mutating func append(_ chunk: RowChunk) throws { try arriving.append(chunk) }

  /// Writes the column file and opens it.
  ///
  /// - Returns: The file, opened.
  /// - Throws: ``SplitError`` where a part of the split is empty, ``ColumnFileError``, and what
  ///   counting a night's rows throws.
  public consuming func finish() throws -> ColumnFile {
    let spilled = try arriving.finish()
    let features: FittedFeatures
    var histories: [String: VocabularyHistory] = [:]
    switch fitting {
    case .existing(let fitted): features = fitted
    case .trainingRows(let split):
      features = try spilled.fit(rows: try split.rows(of: try spilled.times()).train)
    case .night(let night): (features, histories) = try spilled.fit(night)
    }
    let finished = folder.path + "/finished"
    var writer = try ColumnFileWriter(creating: finished)
    try spilled.write(features, to: &writer)
    try spilled.write(histories, to: &writer)
    try writer.finish(
      ColumnFileHeader(
        key: key, rowCount: spilled.rowCount, taskNames: spilled.plan.tasks.map(\.name),
        settings: features.settings, summary: arriving.summary),
      path: finished)
    guard unsafe rename(finished, path) == 0 else { throw ColumnFileError.last(path) }
    return try ColumnFile.open(path, expectedKey: key, verifying: false)
  }
}
