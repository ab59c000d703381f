/// Sorts integers in ascending order, eleven bits at a time from the lowest.
///
/// Digits that are equal everywhere cost one look; short arrays use the standard sort.
func radixSort(_ values: inout [UInt64]) {
  guard values.count > 2_000 else { return values.sort() }
  var other = [UInt64](repeating: 0, count: values.count)
  for shift in stride(from: 0, to: UInt64.bitWidth, by: digitBits) {
    guard var starts = digitStarts(values, shift) else { continue }
    for value in values {
      let digit = Int(truncatingIfNeeded: value >> UInt64(shift)) & digitMask
      other[starts[digit]] = value
      starts[digit] += 1
    }
    swap(&values, &other)
  }
}

/// Sorts integers in ascending order and moves what belongs to each along with it.
///
/// Equal integers keep their order.
func radixSort(_ values: inout [UInt64], moving payload: inout [Float]) {
  precondition(values.count == payload.count, "\(values.count) keys, \(payload.count) payloads")
  var otherValues = [UInt64](repeating: 0, count: values.count)
  var otherPayload = [Float](repeating: 0, count: values.count)
  for shift in stride(from: 0, to: UInt64.bitWidth, by: digitBits) {
    guard var starts = digitStarts(values, shift) else { continue }
    for index in values.indices {
      let digit = Int(truncatingIfNeeded: values[index] >> UInt64(shift)) & digitMask
      otherValues[starts[digit]] = values[index]
      otherPayload[starts[digit]] = payload[index]
      starts[digit] += 1
    }
    swap(&values, &otherValues)
    swap(&payload, &otherPayload)
  }
}

private let digitBits = 11
private let digitMask = 1 << digitBits - 1

/// Where the values with each digit begin in sorted order; nil where all have the same digit.
private func digitStarts(_ values: [UInt64], _ shift: Int) -> [Int]? {
  var starts = [Int](repeating: 0, count: 1 << digitBits)
  for value in values { starts[Int(truncatingIfNeeded: value >> UInt64(shift)) & digitMask] += 1 }
  if starts.contains(values.count) { return nil }
  var total = 0
  for digit in starts.indices {
    let count = starts[digit]
    starts[digit] = total
    total += count
  }
  return starts
}
