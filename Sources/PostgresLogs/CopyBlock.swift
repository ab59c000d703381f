/// The bytes of a block of rows, with a cursor for each row's next field.
///
/// ``layOut(fieldCount:)`` must know every row's size before fields are put.
@safe struct CopyBlock: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity = 1 << 16
  private var size = 0
  /// A row's size until the block is laid out, then where its next byte goes.
  private var cursors: [Int] = []

  init() { unsafe base = .allocate(byteCount: capacity, alignment: 8) }

  deinit { unsafe base.deallocate() }

  /// Starts a block of rows with no fields.
  mutating func begin(rowCount: Int, fieldCount: Int) {
    cursors.removeAll(keepingCapacity: true)
    cursors.append(contentsOf: repeatElement(2 + 4 * fieldCount, count: rowCount))
  }

  /// Makes room for a field's bytes, its length not counted.
  mutating func addSize(_ size: Int, _ row: Int) { cursors[row] += size }

  /// Turns the sizes into places, and writes the number of fields at the start of each row.
  mutating func layOut(fieldCount: Int) {
    size = 0
    for row in cursors.indices {
      let start = size
      size += cursors[row]
      cursors[row] = start
    }
    if size > capacity {
      unsafe base.deallocate()
      capacity = max(size, 2 * capacity)
      unsafe base = .allocate(byteCount: capacity, alignment: 8)
    }
    for row in cursors.indices { put(Int16(fieldCount), row) }
  }

  /// The laid-out rows.
  func withBytes(
    _ body: (UnsafeRawBufferPointer) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    try unsafe body(UnsafeRawBufferPointer(start: base, count: size))
  }

  /// Writes a number with its highest byte first.
  @inline(__always)
  mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, _ row: Int) {
    let end = cursors[row] + MemoryLayout<Value>.size
    precondition(end <= size, "row \(row) is larger than it was said to be")
    unsafe base.storeBytes(of: value.bigEndian, toByteOffset: cursors[row], as: Value.self)
    cursors[row] = end
  }

  /// Writes a field that is a number.
  @inline(__always)
  mutating func putField<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, _ row: Int) {
    put(Int32(MemoryLayout<Value>.size), row)
    put(value, row)
  }

  /// Writes a field that is NULL.
  @inline(__always)
  mutating func putMissing(_ row: Int) { put(Int32(-1), row) }

  /// Writes a field that is some bytes.
  @inline(__always)
  mutating func putField(_ bytes: [UInt8], _ range: Range<Int>, _ row: Int) {
    put(Int32(range.count), row)
    precondition(range.upperBound <= bytes.count, "a text ends beyond its column")
    let end = cursors[row] + range.count
    precondition(end <= size, "row \(row) is larger than it was said to be")
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + cursors[row]).copyMemory(
        from: start + range.lowerBound, byteCount: range.count)
    }
    cursors[row] = end
  }

  /// Writes what comes before a list's elements, which take `size` bytes without their lengths.
  mutating func putListHeader(
    count: Int, size: Int, elementTypeID: UInt32, hasMissing: Bool = false, _ row: Int
  ) {
    put(Int32(Self.listSize(count: count, size: size)), row)
    put(Int32(count == 0 ? 0 : 1), row)
    put(Int32(hasMissing ? 1 : 0), row)
    put(elementTypeID, row)
    if count == 0 { return }
    put(Int32(count), row)
    put(Int32(1), row)
  }

  /// Bytes of a list whose elements take `size` bytes without their lengths.
  static func listSize(count: Int, size: Int) -> Int {
    count == 0 ? 12 : 20 + 4 * count + size
  }
}
