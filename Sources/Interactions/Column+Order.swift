extension Column<Int64> {
  /// The numbers of the rows by ascending value; rows of equal values keep their order.
  ///
  /// A radix sort, 11 bits at a time, of the values counted from the lowest.
  ///
  /// - Complexity: O(rows), 8 bytes a row; four passes for 200 days of microseconds, six at most.
  package func rowsByValue() -> [Int32] {
    unsafe withUnsafeBuffer { values in
      guard let lowest = unsafe values.min(), let highest = unsafe values.max() else { return [] }
      var order = (0..<values.count).map(Int32.init)
      var next = order
      let digitSize: UInt64 = 11
      let largest = UInt64(bitPattern: highest &- lowest)
      var shift: UInt64 = 0
      while shift < 64, largest >> shift > 0 {
        func digit(_ row: Int32) -> Int {
          let offset = unsafe UInt64(bitPattern: values[Int(row)] &- lowest)
          return Int(offset >> shift & (1 << digitSize - 1))
        }
        var places = [Int](repeating: 0, count: 1 << Int(digitSize))
        for row in order { places[digit(row)] += 1 }
        var total = 0
        for index in places.indices { (places[index], total) = (total, total + places[index]) }
        for row in order {
          let value = digit(row)
          next[places[value]] = row
          places[value] += 1
        }
        swap(&order, &next)
        shift += digitSize
      }
      return order
    }
  }
}
