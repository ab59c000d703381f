import Interactions

/// Encodes the raw values, column after column, into a column file.
extension SpilledLog {
  func write(
    _ features: FittedFeatures, to writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    for (feature, fitted) in zip(plan.features, features.features) {
      try write(feature, fitted, features, to: &writer)
    }
    for task in plan.tasks {
      guard let source = task.source else { continue }
      try write(spill(source).column(UInt8.self), SectionName.label(task.name), &writer) { $1 }
    }
    try write(times(), SectionName.times, inOrder: true, &writer) { $1 }
    for (source, name) in [(plan.user, SectionName.users), (plan.request, SectionName.requests)] {
      guard let source else { continue }
      try write(spill(source).column(Int64.self), name, &writer) { LogPlan.group($1, row: $0) }
    }
    for name in features.settings.vocabularies {
      guard let vocabulary = features.vocabularies[name] else { continue }
      writer.beginSection()
      try writer.append(vocabulary.bytes)
      try writer.endSection(SectionName.vocabulary(name))
    }
  }

  private func write(
    _ feature: LogPlan.Feature, _ fitted: FittedFeatures.Feature, _ features: FittedFeatures,
    to writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    let name = feature.definition.name
    switch feature.source.source {
    case .codes(let dictionary):
      let rows = tableRows(feature, dictionary, features)
      try write(spill(feature.source).column(Int32.self), SectionName.lookup(name), &writer) {
        rows[Int($1) + 1]
      }
    case .hashedRows, .timePart:
      try write(spill(feature.source).column(Int32.self), SectionName.lookup(name), &writer) { $1 }
    case .listCodes(let dictionary, _):
      let rows = tableRows(feature, dictionary, features)
      try writeLists(feature, &writer) { rows[Int($0) + 1] }
    case .listHashedRows:
      try writeLists(feature, &writer) { $0 }
    case .number:
      try writeNumber(feature, fitted, &writer)
    case .label, .time, .group: preconditionFailure("\(name) is no feature")
    }
  }

  private func tableRows(
    _ feature: LogPlan.Feature, _ dictionary: Int, _ features: FittedFeatures
  ) -> [Int32] {
    let owner = plan.features[feature.owner].definition.name
    guard let vocabulary = features.vocabularies[owner] else {
      preconditionFailure("no vocabulary for \(owner)")
    }
    return vocabulary.rows(ofCodesIn: dictionaries[dictionary])
  }

  private func writeNumber(
    _ feature: LogPlan.Feature, _ fitted: FittedFeatures.Feature,
    _ writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    guard case .number(let scaling) = feature.definition.encoding, let number = fitted.number
    else { preconditionFailure("\(feature.definition.name) is no number") }
    let name = feature.definition.name
    let values = try spill(feature.source).column(Double.self)
    switch scaling.output {
    case .buckets:
      try write(values, SectionName.lookup(name), &writer) { number.bucketRow($1) }
    case .float(let standardise):
      try write(values, SectionName.number(name), &writer) {
        number.float($1, standardise: standardise)
      }
      guard number.isFlagged else { return }
      let flag = SectionName.number(NumberEncoding.flagName(name))
      try write(values, flag, &writer) { $1.isNaN ? Float(1) : 0 }
    }
  }

  /// Writes a section of one value a row, in order of time.
  @inline(__always)
  private func write<Raw: BitwiseCopyable & Sendable, Encoded: BitwiseCopyable>(
    _ values: Column<Raw>, _ name: String, inOrder: Bool = false,
    _ writer: inout ColumnFileWriter, _ encode: (_ row: Int, _ raw: Raw) -> Encoded
  ) throws(ColumnFileError) {
    writer.beginSection()
    var block: [Encoded] = []
    for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
      let rows = start..<min(start + Self.blockRows, rowCount)
      block.removeAll(keepingCapacity: true)
      unsafe values.withUnsafeBuffer { values in
        if let permutation = order.permutation, !inOrder {
          for row in rows { block.append(encode(row, unsafe values[Int(permutation[row])])) }
        } else {
          for row in rows { block.append(encode(row, unsafe values[row])) }
        }
      }
      try writer.append(block)
    }
    try writer.endSection(name)
  }

  private static var blockRows: Int { 1 << 14 }

  /// Writes the elements of lists and where lists end, in order of time.
  private func writeLists(
    _ feature: LogPlan.Feature, _ writer: inout ColumnFileWriter, _ encode: (Int32) -> Int32
  ) throws(ColumnFileError) {
    let values = try spill(feature.source).column(Int32.self)
    let ends = try spill(feature.source).endColumn()
    var elements: [Int32] = []
    writer.beginSection()
    for row in 0..<rowCount {
      for element in range(row, ends) { elements.append(encode(values[element])) }
      if elements.count >= Self.blockRows || row == rowCount - 1 {
        try writer.append(elements)
        elements.removeAll(keepingCapacity: true)
      }
    }
    try writer.endSection(SectionName.lookup(feature.definition.name))
    var total: Int64 = 0
    var block: [Int64] = []
    writer.beginSection()
    for row in 0..<rowCount {
      total += Int64(range(row, ends).count)
      block.append(total)
      if block.count >= Self.blockRows || row == rowCount - 1 {
        try writer.append(block)
        block.removeAll(keepingCapacity: true)
      }
    }
    try writer.endSection(SectionName.ends(feature.definition.name))
  }

  /// The elements, as read, of the list of a row in order of time.
  @inline(__always)
  private func range(_ row: Int, _ ends: Column<Int64>) -> Range<Int> {
    let read = order.permutation.map { Int($0[row]) } ?? row
    return (read == 0 ? 0 : Int(ends[read - 1]))..<Int(ends[read])
  }
}
