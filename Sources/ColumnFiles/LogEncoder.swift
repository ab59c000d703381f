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
public struct LogEncoder: ~Copyable {
  private enum Fitting {
    case trainingRows(Split)
    case existing(FittedFeatures)
    case night(NightFitting)
  }

  private let path: String
  private let key: String
  private let plan: LogPlan
  private let fitting: Fitting
  private let folder: BuildingFolder
  private var spills: [Spill]
  /// By the column whose ids they number.
  private var dictionaries: [IDDictionary]
  private var summary: ReadingSummary
  private var lastTime = Int64.min

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
    var spills: [Spill] = []
    for (index, source) in plan.sources.enumerated() {
      spills.append(try Spill(source, in: folder.path, index: index))
    }
    self.path = path
    self.key = key
    self.plan = plan
    self.fitting = fitting
    self.folder = folder
    self.spills = spills
    dictionaries = plan.columns.map { IDDictionary(holdsTexts: $0.kind.holdsTexts) }
    summary = ReadingSummary(taskNames: plan.tasks.map(\.name))
  }

  /// Adds rows, in any order of time; nearly free of sorting if they come in order.
  ///
  /// - Throws: ``LogEncodingError`` where a value isn't what its role needs, ``ColumnFileError``.
  public mutating func append(_ chunk: RowChunk) throws {
    precondition(chunk.columns.count == plan.columns.count, "a chunk of other columns")
    let firstRow = summary.rowCount
    guard chunk.rowCount <= Int(Int32.max) - firstRow else {
      throw LogEncodingError.tooManyRows(Int(Int32.max))
    }
    var labels: [Int: [UInt8]] = [:]
    for index in spills.indices {
      let columnIndex = spills[index].source.column
      let column = plan.columns[columnIndex]
      let values = chunk.columns[columnIndex]
      precondition(values.rowCount == chunk.rowCount, "columns of unequal length")
      switch spills[index].source.source {
      case .codes(let dictionary):
        try spills[index].append(values.codes(addingTo: &dictionaries[dictionary], of: column))
      case .hashedRows(let rowCount):
        try spills[index].append(values.hashedRows(of: rowCount, of: column))
      case .listCodes(let dictionary, let longest):
        let (ids, ends, truncated) = values.elements(longest: longest, of: column)
        summary.truncatedLists[column.name, default: 0] += truncated
        try spills[index].append(
          ids.codes(addingTo: &dictionaries[dictionary], of: column), ends: ends)
      case .listHashedRows(let rowCount, let longest):
        let (ids, ends, truncated) = values.elements(longest: longest, of: column)
        summary.truncatedLists[column.name, default: 0] += truncated
        try spills[index].append(ids.hashedRows(of: rowCount, of: column), ends: ends)
      case .timePart(let part):
        try spills[index].append(values.timeParts(part, of: column))
      case .number(let transform, let lowest, let highest):
        try spills[index].append(
          values.numbers(
            transform, lowest: lowest, highest: highest, of: column, firstRow: firstRow))
      case .label:
        let chunkLabels = try values.labels(of: column, firstRow: firstRow)
        labels[columnIndex] = chunkLabels
        try spills[index].append(chunkLabels)
      case .time:
        let times = try values.times(of: column, firstRow: firstRow)
        noteOrder(times)
        try spills[index].append(times)
      case .group:
        try spills[index].append(values.groups(of: column))
      }
    }
    count(chunk, labels)
  }

  /// Writes the column file and opens it.
  ///
  /// - Returns: The file, opened.
  /// - Throws: ``SplitError`` where a part of the split is empty, ``ColumnFileError``, and what
  ///   counting a night's rows throws.
  public consuming func finish() throws -> ColumnFile {
    var spilledSources: [SpilledSource] = []
    for spill in spills { spilledSources.append(try spill.finish()) }
    guard let time = spilledSources.first(where: { $0.source == plan.time }) else {
      preconditionFailure("a log without times")
    }
    let spilled = SpilledLog(
      plan: plan, spills: spilledSources, dictionaries: dictionaries, rowCount: summary.rowCount,
      order: TimeOrder(cameInOrder: summary.cameInOrder, times: try time.column(Int64.self)))
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
        key: key, rowCount: summary.rowCount, taskNames: plan.tasks.map(\.name),
        settings: features.settings, summary: summary),
      path: finished)
    guard unsafe rename(finished, path) == 0 else { throw ColumnFileError.last(path) }
    return try ColumnFile.open(path, expectedKey: key, verifying: false)
  }

  private mutating func noteOrder(_ times: [Int64]) {
    guard summary.cameInOrder else { return }
    for time in times {
      if time < lastTime { summary.cameInOrder = false }
      lastTime = time
    }
  }

  private mutating func count(_ chunk: RowChunk, _ labels: [Int: [UInt8]]) {
    for (index, task) in plan.tasks.enumerated() {
      guard let source = task.source, let own = labels[source.column] else { continue }
      let parent = task.parent.flatMap { plan.tasks[$0].source }
      summary.count(own, ofTask: index, parentLabels: parent.flatMap { labels[$0.column] })
    }
    for column in Set(spills.map(\.source.column)) {
      let missing = chunk.columns[column].isMissing.count { $0 }
      if missing > 0 { summary.missing[plan.columns[column].name, default: 0] += missing }
    }
    summary.rowCount += chunk.rowCount
  }
}
