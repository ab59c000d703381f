public import Interactions
internal import Matrices
internal import Networks

/// An L2 penalty of embedding rows, each divided by how many of the training rows select it.
///
/// A step adds `strength / n · row` to the gradient of each row that it touches. So over a pass every
/// row is drawn to zero about as much, where a plain weight decay draws frequent ids, which need it
/// least, the most. Where a pass samples negatives, `n` is what it is expected to take.
///
/// Zhou, Zhu, Song, Fan, et al.: *Deep Interest Network for Click-Through Rate Prediction*, KDD 2018,
/// equations 4 to 6 (mini-batch aware regularization).
public struct RowDecay: Sendable {
  /// `strength / n` of each row, by table; 0 for rows that no training row selects.
  let tables: [FloatStorage]

  /// Counts how often the training rows select each embedding row.
  ///
  /// - Parameters:
  ///   - strength: At least 0.
  ///   - log: Where the rows are.
  ///   - rows: Those to train on.
  ///   - negatives: How many of them a pass takes; nil for all.
  public init(
    strength: Double, of log: EncodedLog, rows: RowSelection, negatives: NegativeSampling? = nil
  ) {
    precondition(strength >= 0, "a penalty of \(strength)")
    // Floats of single precision would stop counting at 2²⁴.
    let counts = log.schema.tables.map { Storage<Double>(count: $0.rowCount) }
    for (lookup, column) in zip(log.schema.lookups, log.lookups) {
      let counts = counts[lookup.table]
      for index in 0..<rows.count {
        let share = negatives?.share(ofRow: index) ?? 1
        switch column {
        case .single(let ids): counts[Int(ids[rows[index]])] += share
        case .list(let elements, let ends):
          for element in listRange(ends, rows[index]) { counts[Int(elements[element])] += share }
        }
      }
    }
    tables = counts.map { counts in
      let decay = FloatStorage(count: counts.count)
      for row in 0..<counts.count where counts[row] > 0 {
        decay[row] = Float(strength / counts[row])
      }
      return decay
    }
  }
}
