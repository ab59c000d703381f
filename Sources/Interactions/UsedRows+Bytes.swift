/// The stored form: equal ledgers have equal bytes.
///
/// All numbers are little-endian. 8 bytes `PRUSED01`; the XXH64 of all that follows; the horizon as
/// an `Int64`; the number of tasks as a `UInt64` and for each the length of its name as a `UInt64`
/// and the name; the number of days as a `UInt64` and for each its number as an `Int64`, its row
/// count as a `UInt64`, the ascending keys as `Int64` and the masks, a byte for each 8 tasks.
extension UsedRows {
  private static let magic = Array("PRUSED01".utf8)

  /// The stored form, 9 bytes a row for up to 8 tasks.
  public var bytes: [UInt8] {
    var result = Self.magic + [UInt8](repeating: 0, count: 8)
    let width = TaskMasks.width(of: tasks.count)
    result.reserveCapacity(1_024 + rowCount * (8 + width))
    result.append(littleEndian: horizon)
    result.append(littleEndian: UInt64(tasks.count))
    for task in tasks {
      result.append(littleEndian: UInt64(task.utf8.count))
      result.append(contentsOf: task.utf8)
    }
    result.append(littleEndian: UInt64(days.count))
    for day in days {
      result.append(littleEndian: day.day)
      result.append(littleEndian: UInt64(day.keys.count))
      for key in day.keys { result.append(littleEndian: key) }
      result.append(contentsOf: day.masks.bytes)
    }
    var checksum: [UInt8] = []
    checksum.append(littleEndian: StableHash.bytes(result, 16..<result.count))
    result.replaceSubrange(8..<16, with: checksum)
    return result
  }

  /// Reads the stored form.
  ///
  /// - Throws: ``UsedRowsError/damaged(_:)`` where the bytes are no ledger or were changed.
  public init(bytes: some Collection<UInt8>) throws(UsedRowsError) {
    var reader = LedgerReader(bytes: Array(bytes))
    guard reader.bytes.count >= 40, Array(reader.bytes[..<8]) == Self.magic else {
      throw .damaged("it doesn't start as one")
    }
    guard
      reader.bytes.littleEndian(UInt64.self, at: 8)
        == StableHash.bytes(reader.bytes, 16..<reader.bytes.count)
    else { throw .damaged("its checksum doesn't fit") }
    self.init(horizon: try reader.number())
    for _ in 0..<(try reader.count(Self.mostTasks)) {
      let name = try reader.take(try reader.count(.max))
      tasks.append(String(decoding: reader.bytes[name], as: UTF8.self))
    }
    guard Set(tasks).count == tasks.count else { throw .damaged("it names a task twice") }
    let width = TaskMasks.width(of: tasks.count)
    for _ in 0..<(try reader.count(.max)) {
      let number = try reader.number()
      let count = try reader.count(.max)
      let keys = try reader.keys(count)
      let masks = try reader.take(count * width)
      guard days.last.map({ $0.day < number }) ?? true else {
        throw .damaged("its days are out of order")
      }
      days.append(
        UsedDay(
          day: number, keys: keys,
          masks: TaskMasks(width: width, bytes: Array(reader.bytes[masks]))))
    }
    guard reader.offset == reader.bytes.count else { throw .damaged("it is longer than its days") }
  }
}

/// Reads the parts of a ledger one after another.
private struct LedgerReader {
  let bytes: [UInt8]
  var offset = 16

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func take(_ count: Int) throws(UsedRowsError) -> Range<Int> {
    guard count <= bytes.count - offset else { throw .damaged("it ends too early") }
    defer { offset += count }
    return offset..<(offset + count)
  }

  mutating func number() throws(UsedRowsError) -> Int64 {
    bytes.littleEndian(Int64.self, at: try take(8).lowerBound)
  }

  /// A count of things that take a byte or more each.
  mutating func count(_ largest: Int) throws(UsedRowsError) -> Int {
    let number = try number()
    guard 0...Int64(largest) ~= number, number <= bytes.count - offset else {
      throw .damaged("a count in it doesn't fit its length")
    }
    return Int(number)
  }

  mutating func keys(_ count: Int) throws(UsedRowsError) -> [Int64] {
    let start = try take(8 * count).lowerBound
    let keys = (0..<count).map { bytes.littleEndian(Int64.self, at: start + 8 * $0) }
    guard zip(keys, keys.dropFirst()).allSatisfy(<) else {
      throw .damaged("its keys are out of order")
    }
    return keys
  }
}
