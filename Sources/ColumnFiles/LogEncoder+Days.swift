import Interactions

extension LogEncoder {
  /// Adds the rows of a day that was kept, as if its chunks were added here.
  ///
  /// Each distinct id of the day is looked up once, all other values are copied. Days that come in
  /// order leave nothing to be sorted.
  ///
  /// - Parameter day: A day of the same columns, read for the same features and roles.
  /// - Throws: ``ColumnFileError/otherKey(_:)`` where the day was read for others, or
  ///   ``ColumnFileError/damaged(_:reason:)``, after which this encoder is of no more use.
  /// - Complexity: O(values) time, O(distinct ids) memory.
  public mutating func append(_ day: RawDay) throws { try arriving.append(day) }
}

extension ArrivingLog {
  mutating func append(_ day: RawDay) throws {
    guard day.rowCount <= Int(Int32.max) - summary.rowCount else {
      throw LogEncodingError.tooManyRows(Int(Int32.max))
    }
    var places: [Int] = []
    for spill in spills {
      guard day.columns == plan.columns, let place = day.sources.firstIndex(of: spill.source)
      else { throw ColumnFileError.otherKey(day.path) }
      places.append(place)
    }
    try noteOrder(of: day)
    let codes = try translations(of: day)
    for (index, place) in zip(spills.indices, places) {
      let source = spills[index].source.source
      let values = RawSection.values(place)
      func column<T: BitwiseCopyable & Sendable>(_ type: T.Type) throws -> Column<T> {
        try day.sections.column(type, values, day.rowCount)
      }
      switch source {
      case .codes(let dictionary), .crossCodes(let dictionary, _):
        try spills[index].append(column(Int32.self), translatedBy: codes[dictionary] ?? [])
      case .hashedRows, .crossHashedRows, .timePart: try spills[index].append(column(Int32.self))
      case .listCodes, .listHashedRows:
        let (values, ends) = try day.sections.lists(
          values: values, ends: RawSection.ends(place), day.rowCount)
        if let dictionary = source.dictionary {
          try spills[index].append(values, translatedBy: codes[dictionary] ?? [])
        } else {
          try spills[index].append(values)
        }
        try spills[index].append(ends: ends)
      case .number: try spills[index].append(column(Double.self))
      case .vector(let length):
        try spills[index].append(
          day.sections.column(Float.self, values, day.rowCount * length))
      case .label: try spills[index].append(column(UInt8.self))
      case .time, .group, .key: try spills[index].append(column(Int64.self))
      case .weight: try spills[index].append(column(Float.self))
      }
    }
    summary.add(day.summary)
  }

  /// The codes here of the day's codes, by dictionary: that of code `c` at `c + 1`, and -1, for
  /// missing ids, at 0.
  private mutating func translations(of day: RawDay) throws(ColumnFileError) -> [Int: [Int32]] {
    var translations: [Int: [Int32]] = [:]
    for column in Set(spills.compactMap(\.source.source.dictionary)) {
      let ids = try day.sections.vocabulary(
        RawSection.dictionary(column), of: plan.dictionaries[column].name)
      translations[column] = [-1] + dictionaries[column].insert(ids)
    }
    return translations
  }

  private mutating func noteOrder(of day: RawDay) throws(ColumnFileError) {
    guard day.rowCount > 0, let time = day.sources.firstIndex(where: { $0 == plan.time }) else {
      return
    }
    let times = try day.sections.column(Int64.self, RawSection.values(time), day.rowCount)
    if times[0] < lastTime { isOrdered = false }
    lastTime = max(lastTime, times[times.count - 1])
    summary.cameInOrder = summary.cameInOrder && isOrdered
  }
}
