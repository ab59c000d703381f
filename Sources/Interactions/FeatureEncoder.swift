/// Encodes new rows, such as candidates to be scored, as the training rows were encoded.
///
/// Ids that training never saw get row 0; nothing is learned from the new rows.
///
/// - Complexity: O(values) time; memory for one chunk at a time.
public struct FeatureEncoder: Sendable {
  private let fitted: FittedFeatures
  private let plan: LogPlan

  /// Holds the fitted features against the columns of the new rows.
  ///
  /// The columns that play a role may be absent: times are then 0, labels unknown, and there are
  /// no users or requests.
  public init(
    _ fitted: FittedFeatures, columns: [ColumnDescription], roles: LogRoles
  ) throws(LogEncodingError) {
    self.fitted = fitted
    plan = try LogPlan(fitted, columns: columns, roles: roles, rolesAreOptional: true)
  }

  /// The rows in the order given, which need not be that of time.
  ///
  /// - Parameters:
  ///   - chunk: The rows, with the columns that the encoder was made for.
  ///   - firstRow: How many rows came before, for messages and for rows without a user or request,
  ///     each of which gets a number of its own.
  /// - Returns: The rows, encoded.
  /// - Throws: ``LogEncodingError/badValue(column:row:name:found:expected:)``.
  public func encode(_ chunk: RowChunk, firstRow: Int = 0) throws(LogEncodingError) -> EncodedLog {
    precondition(chunk.columns.count == plan.columns.count, "a chunk of other columns")
    do { return try encoded(chunk, firstRow: firstRow) } catch {
      throw error.naming(rowsOf: chunk, by: plan, firstRow: firstRow)
    }
  }

  private func encoded(_ chunk: RowChunk, firstRow: Int) throws(LogEncodingError) -> EncodedLog {
    let rowCount = chunk.rowCount
    var times = [Int64](repeating: 0, count: rowCount)
    if let source = plan.time {
      times = try chunk.columns[source.column].times(
        of: plan.columns[source.column], firstRow: firstRow)
    }
    var lookups: [LookupColumn] = []
    var numbers: [Column<Float>] = []
    for (index, feature) in plan.features.enumerated() {
      switch feature.definition.encoding {
      case .id, .list, .timePart, .cross:
        lookups.append(try lookup(feature, chunk, firstRow: firstRow))
      case .vector:
        numbers += try vectors(index, chunk, firstRow: firstRow)
      case .rate: numbers += rates(index, chunk, times: plan.time == nil ? nil : times)
      case .number(let scaling):
        let number = fitted.features[index].number ?? NumberEncoding()
        let values = try chunk.columns[feature.source.column].numbers(
          scaling.transform, lowest: scaling.lowest, highest: scaling.highest,
          of: plan.columns[feature.source.column], firstRow: firstRow)
        switch scaling.output {
        case .buckets: lookups.append(.single(Column(values.map(number.bucketRow))))
        case .float(let standardise):
          numbers.append(Column(values.map { number.float($0, standardise: standardise) }))
          if number.isFlagged { numbers.append(Column(values.map { $0.isNaN ? 1 : 0 })) }
        case .piecewiseLinear:
          for bin in 0..<number.binCount {
            numbers.append(Column(values.map { number.binFloat($0, bin) }))
          }
          if number.isFlagged { numbers.append(Column(values.map { $0.isNaN ? 1 : 0 })) }
        }
      }
    }
    var labels: [Column<UInt8>] = []
    for task in plan.tasks {
      guard let source = task.source else {
        labels.append(Column([UInt8](repeating: Label.unknown.rawValue, count: rowCount)))
        continue
      }
      labels.append(
        Column(
          try chunk.columns[source.column].labels(
            of: plan.columns[source.column], firstRow: firstRow)))
    }
    return EncodedLog(
      schema: fitted.schema, rowCount: rowCount, lookups: lookups, numbers: numbers,
      taskNames: plan.tasks.map(\.name), labels: labels, times: Column(times),
      users: groups(plan.user, chunk, firstRow), requests: groups(plan.request, chunk, firstRow))
  }

  private func lookup(
    _ feature: LogPlan.Feature, _ chunk: RowChunk, firstRow: Int
  ) throws(LogEncodingError) -> LookupColumn {
    let values = chunk.columns[feature.source.column]
    let column = plan.columns[feature.source.column]
    switch feature.source.source {
    case .codes:
      return .single(Column(rows(of: values, column, owner: feature.owner)))
    case .hashedRows(let rowCount):
      return .single(Column(values.hashedRows(of: rowCount, of: column)))
    case .crossCodes(_, let parts):
      let ids = chunk.crosses(of: parts, columns: plan.columns)
      return .single(Column(rows(of: ids, column, owner: feature.owner)))
    case .crossHashedRows(let rowCount, let parts):
      let ids = chunk.crosses(of: parts, columns: plan.columns)
      return .single(Column(ids.hashedRows(of: rowCount, of: column)))
    case .timePart(let part):
      return .single(Column(values.timeParts(part, of: column)))
    case .listCodes(_, let longest, let excess):
      let (ids, ends, _) = try values.elements(
        longest: longest, excess: excess, of: column, firstRow: firstRow)
      return .list(
        values: Column(rows(of: ids, column, owner: feature.owner)),
        ends: Column(ends.map(Int64.init)))
    case .listHashedRows(let rowCount, let longest, let excess):
      let (ids, ends, _) = try values.elements(
        longest: longest, excess: excess, of: column, firstRow: firstRow)
      return .list(
        values: Column(ids.hashedRows(of: rowCount, of: column)),
        ends: Column(ends.map(Int64.init)))
    case .number, .vector, .label, .time, .group, .key, .weight:
      preconditionFailure("\(feature.definition.name) looks nothing up")
    }
  }

  private func vectors(
    _ index: Int, _ chunk: RowChunk, firstRow: Int
  ) throws(LogEncodingError) -> [Column<Float>] {
    guard let encoding = fitted.features[index].vectorEncoding,
      case .vector(let length) = plan.features[index].source.source
    else { preconditionFailure("\(plan.features[index].definition.name) is no vector") }
    let source = plan.features[index].source.column
    let values = try chunk.columns[source].vectors(
      length, of: plan.columns[source], firstRow: firstRow)
    var columns = (0..<length).map { place in
      Column(
        (0..<chunk.rowCount).map { encoding.float(values[$0 * length + place], at: place) })
    }
    if encoding.isFlagged {
      columns.append(Column((0..<chunk.rowCount).map { values[$0 * length].isNaN ? 1 : 0 }))
    }
    return columns
  }

  /// The numbers of a rate feature; rows without a time know all that was counted.
  private func rates(_ index: Int, _ chunk: RowChunk, times: [Int64]?) -> [Column<Float>] {
    let feature = plan.features[index]
    guard let encoding = fitted.rateEncoding(index), let rate = feature.definition.rate,
      let table = fitted.rates[feature.definition.name]
    else { preconditionFailure("\(feature.definition.name) has no rates") }
    let codes = chunk.columns[feature.source.column].codes(
      in: table.dictionary, of: plan.columns[feature.source.column])
    return (0..<rate.inputCount).map { input in
      Column(
        codes.enumerated().map { row, code in
          encoding.float(
            input, code: code,
            day: times.map { Int32(clamping: Timestamp.day($0[row])) } ?? RateEncoding.afterAll)
        })
    }
  }

  private func rows(
    of values: ColumnChunk, _ column: ColumnDescription, owner: Int
  ) -> [Int32] {
    guard let vocabulary = fitted.vocabularies[plan.features[owner].definition.name] else {
      preconditionFailure("no vocabulary for \(plan.features[owner].definition.name)")
    }
    return values.codes(in: vocabulary.dictionary, of: column).map { $0 + 1 }
  }

  private func groups(
    _ source: LogPlan.ColumnSource?, _ chunk: RowChunk, _ firstRow: Int
  ) -> Column<Int64>? {
    guard let source else { return nil }
    let groups = chunk.columns[source.column].groups(of: plan.columns[source.column])
    return Column(
      groups.enumerated().map { row, group in LogPlan.group(group, row: firstRow + row) })
  }
}

extension LogPlan {
  /// The plan for rows that are encoded with features fitted earlier.
  ///
  /// - Throws: ``LogEncodingError/wrongKind(column:databaseType:role:fits:)`` also where ids were
  ///   texts and now are numbers, or the other way round.
  package init(
    _ fitted: FittedFeatures, columns: [ColumnDescription], roles: LogRoles, rolesAreOptional: Bool
  ) throws(LogEncodingError) {
    try self.init(
      columns: columns, features: fitted.features.map(\.definition), roles: roles,
      rolesAreOptional: rolesAreOptional)
    for (feature, planned) in zip(fitted.features, features) {
      let column = columns[planned.source.column]
      guard kind(of: planned).holdsTexts == feature.kind.holdsTexts else {
        throw .wrongKind(
          column: column.name, databaseType: column.databaseType,
          role: "\(feature.definition.encoding.phrase) \(feature.definition.name) of this model",
          fits: feature.kind.phrase)
      }
    }
  }

  /// The number of a row's user or request: a row without one is in a group of its own.
  @inline(__always)
  package static func group(_ group: Int64, row: Int) -> Int64 {
    group == .min ? .min + Int64(row) : group
  }
}
