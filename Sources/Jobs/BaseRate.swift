internal import Interactions

/// How often a task is positive.
enum BaseRate {
  static func of(
    _ labels: Column<UInt8>, rows: RowSelection
  ) -> (known: Int, positives: Int, rate: Double) {
    var known = 0
    var positives = 0
    for index in 0..<rows.count {
      let label = labels[rows[index]]
      known += label < Label.unknown.rawValue ? 1 : 0
      positives += label == Label.positive.rawValue ? 1 : 0
    }
    return (known, positives, known > 0 ? Double(positives) / Double(known) : 0)
  }
}
