/// The rows of either class on some part of the rows: how many, and how much they weigh.
struct ClassTally {
  private(set) var positiveRows = 0
  private(set) var negativeRows = 0
  /// The sum of the weights, and of their squares.
  private(set) var positives = 0.0
  private(set) var negatives = 0.0
  private(set) var positiveSquares = 0.0
  private(set) var negativeSquares = 0.0

  init() {}

  /// Rows that weigh 1 each.
  init(positives: Int, negatives: Int) {
    positiveRows = positives
    negativeRows = negatives
    self.positives = Double(positives)
    self.negatives = Double(negatives)
    positiveSquares = self.positives
    negativeSquares = self.negatives
  }

  mutating func add(isPositive: Bool, weight: Double) {
    if isPositive {
      positiveRows += 1
      positives += weight
      positiveSquares += weight * weight
    } else {
      negativeRows += 1
      negatives += weight
      negativeSquares += weight * weight
    }
  }

  mutating func add(_ other: ClassTally) {
    positiveRows += other.positiveRows
    negativeRows += other.negativeRows
    positives += other.positives
    negatives += other.negatives
    positiveSquares += other.positiveSquares
    negativeSquares += other.negativeSquares
  }

  var rows: Int { positiveRows + negativeRows }
  var weight: Double { positives + negatives }

  /// How many equally weighted rows would say as much (Kish): `(Σw)² / Σw²`.
  var effectiveRows: Double { weight * weight / (positiveSquares + negativeSquares) }

  /// Throws unless both classes are there.
  func requireBothClasses() throws(UndefinedMetric) {
    if positiveRows == 0 { throw .noPositive(rows: rows) }
    if negativeRows == 0 { throw .noNegative(rows: rows) }
  }
}
