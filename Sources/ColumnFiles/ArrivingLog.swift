import Interactions

/// A log while its rows arrive: their raw values go to files, ids as numbers in order of first sight.
struct ArrivingLog: ~Copyable {
  let plan: LogPlan
  var spills: [Spill] = []
  /// By the column or cross whose ids they number.
  var dictionaries: [IDDictionary]
  var summary: ReadingSummary
  /// Whether the rows in the files lie in order of time; of days, also where they came in another.
  var isOrdered = true
  var lastTime = Int64.min

  init(_ plan: LogPlan, in folder: String) throws(ColumnFileError) {
    self.plan = plan
    for (index, source) in plan.sources.enumerated() {
      spills.append(try Spill(source, in: folder, index: index))
    }
    dictionaries = plan.dictionaries.map { IDDictionary(holdsTexts: $0.holdsTexts) }
    summary = ReadingSummary(taskNames: plan.tasks.map(\.name))
  }

  /// Adds rows, in any order of time; nearly free of sorting if they come in order.
  ///
  /// - Throws: ``LogEncodingError`` where a value isn't what its role needs, ``ColumnFileError``.
  mutating func append(_ chunk: RowChunk) throws {
    precondition(chunk.columns.count == plan.columns.count, "a chunk of other columns")
    let firstRow = summary.rowCount
    guard chunk.rowCount <= Int(Int32.max) - firstRow else {
      throw LogEncodingError.tooManyRows(Int(Int32.max))
    }
    do { try spill(chunk, firstRow: firstRow) } catch let error as LogEncodingError {
      throw error.naming(rowsOf: chunk, by: plan, firstRow: firstRow)
    }
  }

  private mutating func spill(_ chunk: RowChunk, firstRow: Int) throws {
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
      case .listCodes(let dictionary, let longest, let excess):
        let (ids, ends, truncated) = try values.elements(
          longest: longest, excess: excess, of: column, firstRow: firstRow)
        summary.truncatedLists[column.name, default: 0] += truncated
        try spills[index].append(
          ids.codes(addingTo: &dictionaries[dictionary], of: column), ends: ends)
      case .listHashedRows(let rowCount, let longest, let excess):
        let (ids, ends, truncated) = try values.elements(
          longest: longest, excess: excess, of: column, firstRow: firstRow)
        summary.truncatedLists[column.name, default: 0] += truncated
        try spills[index].append(ids.hashedRows(of: rowCount, of: column), ends: ends)
      case .crossCodes(let dictionary, let parts):
        try spills[index].append(
          chunk.crosses(of: parts, columns: plan.columns)
            .codes(addingTo: &dictionaries[dictionary], of: column))
      case .crossHashedRows(let rowCount, let parts):
        try spills[index].append(
          chunk.crosses(of: parts, columns: plan.columns).hashedRows(of: rowCount, of: column))
      case .timePart(let part):
        try spills[index].append(values.timeParts(part, of: column))
      case .number(let transform, let lowest, let highest):
        try spills[index].append(
          values.numbers(
            transform, lowest: lowest, highest: highest, of: column, firstRow: firstRow))
      case .vector(let length):
        try spills[index].append(values.vectors(length, of: column, firstRow: firstRow))
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
      case .key(let columns):
        try spills[index].append(
          chunk.keys(mixing: columns, of: plan.columns, firstRow: firstRow))
      case .weight:
        try spills[index].append(values.weights(of: column, firstRow: firstRow))
      }
    }
    count(chunk, labels)
  }

  /// The rows, once all have come.
  func finish() throws(ColumnFileError) -> SpilledLog {
    var finished: [SpilledSource] = []
    for spill in spills { finished.append(try spill.finish()) }
    guard let time = finished.first(where: { $0.source == plan.time }) else {
      preconditionFailure("a log without times")
    }
    return SpilledLog(
      plan: plan, spills: finished, dictionaries: dictionaries, rowCount: summary.rowCount,
      order: TimeOrder(cameInOrder: isOrdered, times: try time.column(Int64.self)))
  }

  private mutating func noteOrder(_ times: [Int64]) {
    guard isOrdered else { return }
    for time in times {
      if time < lastTime { isOrdered = false }
      lastTime = time
    }
    summary.cameInOrder = summary.cameInOrder && isOrdered
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
