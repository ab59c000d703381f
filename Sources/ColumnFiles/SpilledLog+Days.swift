import Interactions

/// Writes raw values as they are, in order of time.
extension SpilledLog {
  /// The sections of all sources, then the ids that their codes stand for.
  func writeRaw(to writer: inout ColumnFileWriter) throws(ColumnFileError) {
    var planned: [PlannedSection] = []
    for (index, spill) in spills.enumerated() {
      let (source, name) = (spill.source, RawSection.values(index))
      switch source.source {
      case .codes, .hashedRows, .crossCodes, .crossHashedRows, .timePart:
        planned.append(section(name, Int32.self, source) { $1 })
      case .listCodes, .listHashedRows:
        planned += try lists(source, named: name, ends: RawSection.ends(index)) { { $0 } }
      case .number: planned.append(section(name, Double.self, source) { $1 })
      case .vector(let length): planned.append(vectors(name, source, length))
      case .label: planned.append(section(name, UInt8.self, source) { $1 })
      case .time, .group, .key: planned.append(section(name, Int64.self, source) { $1 })
      case .weight: planned.append(section(name, Float.self, source) { $1 })
      }
    }
    try write(planned, to: &writer)
    for column in Set(spills.compactMap(\.source.source.dictionary)).sorted() {
      try writer.write(Vocabulary(dictionaries[column]).bytes, as: RawSection.dictionary(column))
    }
  }
}

extension SpilledLog {
  /// A section of whole vectors, one a row, in order of time.
  private func vectors(
    _ name: String, _ source: LogPlan.ColumnSource, _ length: Int
  ) -> PlannedSection {
    PlannedSection(name: name, byteCount: 4 * length * rowCount) {
      writer throws(ColumnFileError) in
      let values = try spill(source).column(Float.self)
      for row in 0..<rowCount {
        let place = order.place(ofRow: row) * length
        try writer.append((place..<(place + length)).map { values[$0] })
      }
    }
  }
}

/// What the sections of a raw day are called.
enum RawSection {
  static func values(_ source: Int) -> String { "values \(source)" }
  static func ends(_ source: Int) -> String { "ends \(source)" }
  static func dictionary(_ column: Int) -> String { "dictionary \(column)" }
}

extension LogPlan.Source {
  /// The dictionary that numbers the ids, that of a column or a cross; nil where there are no codes.
  var dictionary: Int? {
    switch self {
    case .codes(let dictionary), .listCodes(let dictionary, _, _), .crossCodes(let dictionary, _):
      dictionary
    case .hashedRows, .listHashedRows, .crossHashedRows, .timePart, .number, .vector, .label, .time,
      .group, .key, .weight:
      nil
    }
  }
}
