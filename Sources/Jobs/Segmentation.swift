internal import Interactions

/// Rows cut into segments by the values of one column or of several together.
struct Segmentation {
  /// The columns' names, joined by `+`.
  let name: String
  /// What each segment is called.
  private(set) var segments: [String]
  /// Each row's segment.
  private(set) var codes: [Int32]
  /// Whether the segments are numbers, in ascending order.
  private let isOrdered: Bool

  /// What rows without a value are called.
  static let missing = "NULL"
  /// Numbers with more values than this are put into bands of equally many rows.
  static let mostNumbers = 20
  /// How many bands.
  static let bandCount = 10
  /// The largest segments stay, the others are pooled.
  static let mostSegments = 50

  /// Cuts the selected rows by a column.
  init(_ column: String, of columns: SegmentColumns, rows: RowSelection) {
    name = column
    switch columns.values(of: column) {
    case .texts(let codes, let texts):
      segments = texts + [Self.missing]
      let missing = Int32(texts.count)
      self.codes = (0..<rows.count).map { codes[rows[$0]] < 0 ? missing : codes[rows[$0]] }
      isOrdered = false
    case .numbers(let numbers):
      let chosen = (0..<rows.count).map { numbers[rows[$0]] }
      (segments, codes) = Self.bands(of: chosen)
      isOrdered = true
    }
  }

  /// Cuts rows by two cuts at once.
  init(_ first: Segmentation, _ second: Segmentation) {
    name = "\(first.name)+\(second.name)"
    isOrdered = false
    var codeOfPair: [Int: Int32] = [:]
    var segments: [String] = []
    codes = zip(first.codes, second.codes).map { one, other in
      let pair = Int(one) * second.segments.count + Int(other)
      if let code = codeOfPair[pair] { return code }
      let code = Int32(segments.count)
      codeOfPair[pair] = code
      segments.append("\(first.segments[Int(one)]), \(second.segments[Int(other)])")
      return code
    }
    self.segments = segments
  }

  /// Bands between quantiles, each value its own where there are few.
  private static func bands(of numbers: [Double]) -> (segments: [String], codes: [Int32]) {
    let sorted = numbers.filter { !$0.isNaN }.sorted()
    var values: [Double] = []
    for number in sorted where values.last != number {
      values.append(number)
      if values.count > mostNumbers { break }
    }
    // The highest number of each band.
    var tops = values
    if values.count > mostNumbers {
      tops = []
      for band in 1...bandCount {
        let top = sorted[sorted.count * band / bandCount - 1]
        if tops.last != top { tops.append(top) }
      }
    }
    var lowest = [Double](repeating: .infinity, count: tops.count)
    let codes = numbers.map { number -> Int32 in
      guard !number.isNaN else { return Int32(tops.count) }
      let band = place(of: number, in: tops)
      lowest[band] = min(lowest[band], number)
      return Int32(band)
    }
    let names = zip(lowest, tops).map { low, top in
      low == top ? text(top) : "\(text(low)) to \(text(top))"
    }
    return (names + [missing], codes)
  }

  /// The first band whose top is not below the number.
  private static func place(of number: Double, in tops: [Double]) -> Int {
    var low = 0
    var high = tops.count - 1
    while low < high {
      let middle = (low + high) / 2
      if tops[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whole numbers without a fraction.
  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
  }

  /// Some of the rows, by their place in the selection.
  struct Part {
    var value: String
    /// How many values were pooled; nil for a segment of its own.
    var pooled: Int?
    var positions: [Int]
  }

  /// The largest segments first, numbers in ascending order, and the pooled ones last.
  func parts() -> [Part] {
    var parts = segments.map { Part(value: $0, positions: []) }
    for (position, code) in codes.enumerated() { parts[Int(code)].positions.append(position) }
    parts.removeAll { $0.positions.isEmpty }
    let bySize = parts.sorted {
      $0.positions.count != $1.positions.count
        ? $0.positions.count > $1.positions.count : $0.value < $1.value
    }
    guard parts.count > Self.mostSegments else { return isOrdered ? parts : bySize }
    let others = bySize.dropFirst(Self.mostSegments)
    return bySize.prefix(Self.mostSegments) + [
      Part(
        value: "other", pooled: others.count, positions: others.flatMap(\.positions).sorted())
    ]
  }
}
