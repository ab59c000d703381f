import Dispatch
import Interactions
import Synchronization

/// Encodes the raw values into the sections of a column file, as many at a time as there are cores.
extension SpilledLog {
  /// A section that is still to be written, and what puts its values into its place.
  ///
  /// Raw values are mapped only while their section is being written, and in memory only where rows
  /// that came out of order make that necessary.
  struct PlannedSection: Sendable {
    let name: String
    let byteCount: Int
    let write: @Sendable (inout SectionWriter) throws(ColumnFileError) -> Void
  }

  func write(
    _ features: FittedFeatures, to writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    try write(sections(features), to: &writer)
    for name in features.settings.vocabularies {
      guard let vocabulary = features.vocabularies[name] else { continue }
      try writer.write(vocabulary.bytes, as: SectionName.vocabulary(name))
    }
    for name in features.settings.rates {
      guard let table = features.rates[name] else { continue }
      try writer.write(table.bytes, as: SectionName.rates(name))
    }
  }

  /// Writes sections at the same time, to places in their order.
  func write(
    _ planned: [PlannedSection], to writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    let places = planned.map { writer.place($0.name, byteCount: $0.byteCount) }
    let results = Mutex(
      [Result<FileSection, ColumnFileError>?](repeating: nil, count: planned.count))
    DispatchQueue.concurrentPerform(iterations: planned.count) { index in
      var place = places[index]
      let result = Result { () throws(ColumnFileError) in
        try planned[index].write(&place)
        return try place.finish()
      }
      results.withLock { $0[index] = result }
    }
    for result in results.withLock({ $0 }) {
      if let section = try result?.get() { writer.add(section) }
    }
  }

  /// Writes the histories of a night's vocabularies.
  func write(
    _ histories: [String: VocabularyHistory], to writer: inout ColumnFileWriter
  ) throws(ColumnFileError) {
    for (name, history) in histories.sorted(by: { $0.key < $1.key }) {
      try writer.write(history.bytes, as: SectionName.history(name))
    }
  }

  /// The sections of the rows, in the order of their places.
  private func sections(
    _ features: FittedFeatures
  ) throws(ColumnFileError) -> [PlannedSection] {
    var sections: [PlannedSection] = []
    for index in plan.features.indices { sections += try self.sections(index, features) }
    for task in plan.tasks {
      guard let source = task.source else { continue }
      sections.append(section(SectionName.label(task.name), UInt8.self, source) { $1 })
    }
    sections.append(
      PlannedSection(name: SectionName.times, byteCount: 8 * rowCount) {
        writer throws(ColumnFileError) in
        try write(try times(), inOrder: true, &writer) { $1 }
      })
    for (source, name) in [(plan.user, SectionName.users), (plan.request, SectionName.requests)] {
      guard let source else { continue }
      sections.append(section(name, Int64.self, source) { LogPlan.group($1, row: $0) })
    }
    if plan.key != nil {
      sections.append(
        PlannedSection(name: SectionName.keys, byteCount: 8 * rowCount) {
          writer throws(ColumnFileError) in
          try keys().map { keys throws(ColumnFileError) in
            try write(keys, inOrder: true, &writer) { $1 }
          }
        })
    }
    if let weight = plan.weight {
      sections.append(section(SectionName.weights, Float.self, weight) { $1 })
    }
    return sections
  }

  private func sections(
    _ index: Int, _ features: FittedFeatures
  ) throws(ColumnFileError) -> [PlannedSection] {
    let feature = plan.features[index]
    let fitted = features.features[index]
    if let encoding = features.rateEncoding(index), let rate = feature.definition.rate,
      let table = features.rates[feature.definition.name]
    {
      return rates(feature, rate, encoding, table)
    }
    let name = SectionName.lookup(feature.definition.name)
    switch feature.source.source {
    case .codes(let dictionary), .crossCodes(let dictionary, _):
      return [
        PlannedSection(name: name, byteCount: 4 * rowCount) { writer throws(ColumnFileError) in
          let rows = tableRows(feature, dictionary, features)
          let codes = try spill(feature.source).column(Int32.self)
          try write(codes, &writer) { rows[Int($1) + 1] }
        }
      ]
    case .hashedRows, .crossHashedRows, .timePart:
      return [section(name, Int32.self, feature.source) { $1 }]
    case .listCodes(let dictionary, _, _):
      return try lists(feature) {
        let rows = tableRows(feature, dictionary, features)
        return { rows[Int($0) + 1] }
      }
    case .listHashedRows:
      return try lists(feature) { { $0 } }
    case .number:
      return numbers(feature, fitted)
    case .vector(let length):
      return vectors(feature, fitted, length)
    case .label, .time, .group, .key, .weight: preconditionFailure("\(name) is no feature")
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

  private func numbers(
    _ feature: LogPlan.Feature, _ fitted: FittedFeatures.Feature
  ) -> [PlannedSection] {
    guard case .number(let scaling) = feature.definition.encoding, let number = fitted.number
    else { preconditionFailure("\(feature.definition.name) is no number") }
    let name = feature.definition.name
    let flag =
      number.isFlagged
      ? [
        section(
          SectionName.number(NumberEncoding.flagName(name)), Double.self, feature.source
        ) { $1.isNaN ? Float(1) : 0 }
      ] : []
    switch scaling.output {
    case .buckets:
      return [
        section(SectionName.lookup(name), Double.self, feature.source) { number.bucketRow($1) }
      ]
    case .float(let standardise):
      let floats = section(SectionName.number(name), Double.self, feature.source) {
        number.float($1, standardise: standardise)
      }
      return [floats] + flag
    case .piecewiseLinear:
      let names = NumberEncoding.binNames(name, count: number.binCount)
      return names.enumerated().map { bin, name in
        section(SectionName.number(name), Double.self, feature.source) { number.binFloat($1, bin) }
      } + flag
    }
  }

  /// A section of one value a row, in order of time.
  @inline(__always)
  func section<Raw: BitwiseCopyable & Sendable, Encoded: BitwiseCopyable>(
    _ name: String, _ type: Raw.Type, _ source: LogPlan.ColumnSource,
    _ encode: @escaping @Sendable (_ row: Int, _ raw: Raw) -> Encoded
  ) -> PlannedSection {
    PlannedSection(name: name, byteCount: MemoryLayout<Encoded>.stride * rowCount) {
      writer throws(ColumnFileError) in
      try write(spill(source).column(type), &writer, encode)
    }
  }

  @inline(__always)
  private func write<Raw: BitwiseCopyable & Sendable, Encoded: BitwiseCopyable>(
    _ values: Column<Raw>, inOrder: Bool = false, _ writer: inout SectionWriter,
    _ encode: (_ row: Int, _ raw: Raw) -> Encoded
  ) throws(ColumnFileError) {
    let isInOrder = inOrder || order.permutation == nil
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
      if isInOrder { values.dropPages(of: rows) }
    }
  }

  /// Writes a value for each row in order of time, made from where the row lies as read.
  @inline(__always)
  func writePlaces<Encoded: BitwiseCopyable>(
    _ writer: inout SectionWriter, _ encode: (_ place: Int) -> Encoded
  ) throws(ColumnFileError) {
    var block: [Encoded] = []
    for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
      block.removeAll(keepingCapacity: true)
      for row in start..<min(start + Self.blockRows, rowCount) {
        block.append(encode(order.place(ofRow: row)))
      }
      try writer.append(block)
    }
  }

  private static var blockRows: Int { 1 << 14 }

  /// The sections of a list's elements and of where lists end, in order of time.
  ///
  /// `encoding` makes what turns an element as read into a table row, when it is needed.
  private func lists(
    _ feature: LogPlan.Feature, _ encoding: @escaping @Sendable () -> (Int32) -> Int32
  ) throws(ColumnFileError) -> [PlannedSection] {
    let name = feature.definition.name
    return try lists(
      feature.source, named: SectionName.lookup(name), ends: SectionName.ends(name), encoding)
  }

  /// The same, of any source of lists.
  ///
  /// `encoding` makes what turns an element as read into what is written, when it is needed.
  func lists(
    _ source: LogPlan.ColumnSource, named name: String, ends endsName: String,
    _ encoding: @escaping @Sendable () -> (Int32) -> Int32
  ) throws(ColumnFileError) -> [PlannedSection] {
    let spill = spill(source)
    let size = 4 * (try spill.column(Int32.self).count)
    let elements = PlannedSection(name: name, byteCount: size) {
      writer throws(ColumnFileError) in
      let values = try spill.column(Int32.self)
      let ends = try spill.endColumn()
      let encode = encoding()
      var block: [Int32] = []
      for row in 0..<rowCount {
        for element in range(row, ends) { block.append(encode(values[element])) }
        if block.count >= Self.blockRows || row == rowCount - 1 {
          try writer.append(block)
          block.removeAll(keepingCapacity: true)
        }
      }
    }
    let limits = PlannedSection(name: endsName, byteCount: 8 * rowCount) {
      writer throws(ColumnFileError) in
      let ends = try spill.endColumn()
      var total: Int64 = 0
      var block: [Int64] = []
      for row in 0..<rowCount {
        total += Int64(range(row, ends).count)
        block.append(total)
        if block.count >= Self.blockRows || row == rowCount - 1 {
          try writer.append(block)
          block.removeAll(keepingCapacity: true)
        }
      }
    }
    return [elements, limits]
  }

  /// The elements, as read, of the list of a row in order of time.
  @inline(__always)
  private func range(_ row: Int, _ ends: Column<Int64>) -> Range<Int> {
    let read = order.place(ofRow: row)
    return (read == 0 ? 0 : Int(ends[read - 1]))..<Int(ends[read])
  }
}
