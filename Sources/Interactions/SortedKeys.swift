/// The different keys of a log's rows in ascending order, each with the first row that has it.
struct SortedKeys {
  private(set) var keys: [Int64] = []
  private(set) var rows: [Int32] = []

  /// Sorts keys.
  ///
  /// A radix sort of the keys' upper 32 bits, counted from the lowest key, each beside its row; what
  /// agrees there is sorted by comparison.
  ///
  /// - Complexity: O(rows) for keys that are spread evenly, at worst O(rows · log rows); 16 bytes a
  ///   row while it runs and 12 after.
  init(_ column: Column<Int64>) {
    unsafe column.withUnsafeBuffer { values in
      guard let lowest = unsafe values.min(), let highest = unsafe values.max() else { return }
      let range = UInt64(bitPattern: highest &- lowest)
      let shift = UInt64(max(0, 32 - range.leadingZeroBitCount))
      var packed = unsafe [UInt64](unsafeUninitializedCapacity: values.count) { buffer, count in
        for row in 0..<values.count {
          let offset = unsafe UInt64(bitPattern: values[row] &- lowest)
          unsafe buffer[row] = (offset >> shift) << 32 | UInt64(row)
        }
        count = values.count
      }
      Self.sortByUpperHalf(&packed, largest: range >> shift)
      keys.reserveCapacity(values.count)
      rows.reserveCapacity(values.count)
      var start = 0
      while start < packed.count {
        var end = start + 1
        while end < packed.count, packed[end] >> 32 == packed[start] >> 32 { end += 1 }
        if end - start > 1, shift > 0 {
          packed[start..<end].sort {
            let (first, second) = (Int($0 & 0xFFFF_FFFF), Int($1 & 0xFFFF_FFFF))
            let keys = unsafe (values[first], values[second])
            return keys.0 == keys.1 ? first < second : keys.0 < keys.1
          }
        }
        for entry in packed[start..<end] {
          let row = Int(entry & 0xFFFF_FFFF)
          let key = unsafe values[row]
          if keys.last != key {
            keys.append(key)
            rows.append(Int32(row))
          }
        }
        start = end
      }
    }
  }

  private static func sortByUpperHalf(_ packed: inout [UInt64], largest: UInt64) {
    let digitSize: UInt64 = 11
    var next = [UInt64](repeating: 0, count: packed.count)
    var shift: UInt64 = 32
    while shift < 64, largest >> (shift - 32) > 0 {
      var places = [Int](repeating: 0, count: 1 << Int(digitSize))
      func digit(_ entry: UInt64) -> Int { Int(entry >> shift & (1 << digitSize - 1)) }
      for entry in packed { places[digit(entry)] += 1 }
      var total = 0
      for index in places.indices { (places[index], total) = (total, total + places[index]) }
      for entry in packed {
        let value = digit(entry)
        next[places[value]] = entry
        places[value] += 1
      }
      swap(&packed, &next)
      shift += digitSize
    }
  }

  /// Calls `body` with the places of each key that is in both, here and there.
  func forEachMatch(in others: [Int64], _ body: (_ own: Int, _ other: Int) -> Void) {
    var own = 0
    var other = 0
    while own < keys.count, other < others.count {
      if keys[own] < others[other] {
        own += 1
      } else if keys[own] > others[other] {
        other += 1
      } else {
        body(own, other)
        own += 1
        other += 1
      }
    }
  }
}
