internal import Interactions

/// How often a task is positive.
struct BaseRate {
  /// Rows with a label, those of weight 0 left out.
  private(set) var known = 0
  /// Those of them that are positive.
  private(set) var positives = 0
  /// The same, each row counted by its weight.
  private var weights = (known: 0.0, positives: 0.0)

  /// Counts some rows of a log for one of its tasks.
  init(ofTask task: Int, in log: EncodedLog, rows: RowSelection) {
    let labels = log.labels[task]
    for index in 0..<rows.count {
      let label = labels[rows[index]]
      let weight = log.weights.map { Double($0[rows[index]]) } ?? 1
      guard label < Label.unknown.rawValue, weight > 0 else { continue }
      known += 1
      weights.known += weight
      guard label == Label.positive.rawValue else { continue }
      positives += 1
      weights.positives += weight
    }
  }

  /// What the scores of a task have as their mean where its losses are least, in `0...1`; 0 without rows.
  var rate: Double { known > 0 ? weights.positives / weights.known : 0 }
}
