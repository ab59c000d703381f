import Glibc

/// What turns a task's scores into probabilities that agree with what happened, fitted on rows that the
/// model was not trained on.
public enum ScoreCalibration: Equatable, Sendable {
  /// The probability `σ(slope · logit + offset)` of a score's `logit`.
  ///
  /// Platt: *Probabilistic Outputs for Support Vector Machines*, 1999. As in its section 2.2, targets
  /// short of 1 and 0 keep the fit finite where the scores part the outcomes; that of the negatives is
  /// such that all targets add up to the positives, else few of these would be overestimated. Where
  /// scores go against the outcomes the slope is a hundredth, so that different scores stay different.
  case platt(slope: Double, offset: Double)
  /// The line through these points, flat before the first and after the last; neither coordinate descends.
  ///
  /// Zadrozny, Elkan: *Transforming Classifier Scores into Accurate Multiclass Probability Estimates*,
  /// KDD 2002, section 3.1: a block of scores has the share of its positives, and what lies between two
  /// blocks is on the line from one to the other. Departures: within a block they ascend by a hundredth of
  /// its share at most, so that different scores of the fitted range stay different; a share is no less than
  /// 0.05, and no more than all rows but 0.05, in as many rows as were fitted. But for these the
  /// probabilities of the fitted rows add up to their positives.
  case isotonic(scores: [Double], probabilities: [Double])

  /// The ways to fit one.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case platt, isotonic
  }

  /// Fits a calibration; nil where the rows lack positives or negatives.
  ///
  /// - Parameters:
  ///   - kind: How.
  ///   - scores: Probabilities.
  ///   - labels: 0 negative, 1 positive; rows of any other label are left out.
  public init?(_ kind: Kind, scores: [Float], labels: [UInt8]) {
    precondition(scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    let rows = zip(scores, labels).filter { $0.1 <= 1 }.map { (Double($0.0), $0.1 == 1) }
    let positives = rows.count { $0.1 }
    guard positives > 0, positives < rows.count else { return nil }
    switch kind {
    case .platt: self = Self.fittedPlatt(rows, positives: positives)
    case .isotonic: self = Self.fittedIsotonic(rows)
    }
  }

  /// The probability that a score stands for, which ascends with the score; NaN for NaN.
  public func probability(of score: Float) -> Float {
    switch self {
    case .platt(let slope, let offset):
      Float(1 / (1 + exp(-(slope * Self.logit(Double(score)) + offset))))
    case .isotonic(let scores, let probabilities):
      Float(Self.interpolated(Double(score), scores, probabilities))
    }
  }

  /// The log-odds of a probability, bounded where that was rounded to 0 or 1.
  private static func logit(_ score: Double) -> Double {
    let bounded = min(max(score, 1e-12), 1 - 1e-12)
    return log(bounded / (1 - bounded))
  }

  /// Maximum likelihood by Newton's method; steps that go too far are halved.
  private static func fittedPlatt(_ rows: [(Double, Bool)], positives: Int) -> ScoreCalibration {
    let negatives = rows.count - positives
    let high = (Double(positives) + 1) / (Double(positives) + 2)
    let low = Double(positives) * (1 - high) / Double(negatives)
    let points = rows.map { (logit: logit($0.0), target: $0.1 ? high : low) }
    func loss(_ slope: Double, _ offset: Double) -> Double {
      points.reduce(0) { sum, point in
        let value = slope * point.logit + offset
        return sum + max(value, 0) - point.target * value + log1p(exp(-abs(value)))
      }
    }
    var (slope, offset) = (1.0, 0.0)
    var best = loss(slope, offset)
    for _ in 0..<100 {
      var gradient = (0.0, 0.0)
      // A trace of ridge keeps scores that are all alike from making it singular.
      var curvature = (1e-9, 0.0, 1e-9)
      for point in points {
        let probability = 1 / (1 + exp(-(slope * point.logit + offset)))
        let residual = probability - point.target
        let weight = probability * (1 - probability)
        gradient.0 += residual * point.logit
        gradient.1 += residual
        curvature.0 += weight * point.logit * point.logit
        curvature.1 += weight * point.logit
        curvature.2 += weight
      }
      let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
      guard determinant > 0 else { break }
      let step = (
        (curvature.2 * gradient.0 - curvature.1 * gradient.1) / determinant,
        (curvature.0 * gradient.1 - curvature.1 * gradient.0) / determinant
      )
      var length = 1.0
      while length > 1e-6, loss(slope - length * step.0, offset - length * step.1) > best {
        length /= 2
      }
      guard length > 1e-6 else { break }
      (slope, offset) = (slope - length * step.0, offset - length * step.1)
      let found = loss(slope, offset)
      guard best - found > 1e-10 * best else { break }
      best = found
    }
    // The order of the scores is the model's: a negative slope would turn it around, a flat line lose it.
    let least = 0.01
    guard slope < least else { return .platt(slope: slope, offset: offset) }
    let mean = points.reduce(0) { $0 + $1.logit } / Double(rows.count)
    return .platt(
      slope: least, offset: logit(Double(positives) / Double(rows.count)) - least * mean)
  }

  /// Pool adjacent violators, the blocks' means joined by lines.
  private static func fittedIsotonic(_ rows: [(Double, Bool)]) -> ScoreCalibration {
    struct Block {
      var first: Double
      var last: Double
      var positives: Double
      var rows: Double
      var rate: Double { positives / rows }
    }
    var blocks: [Block] = []
    for (score, isPositive) in rows.sorted(by: { $0.0 < $1.0 }) {
      let positives = isPositive ? 1.0 : 0
      if score == blocks.last?.last {
        // Equal scores stay together.
        blocks[blocks.count - 1].positives += positives
        blocks[blocks.count - 1].rows += 1
      } else {
        pool()
        blocks.append(Block(first: score, last: score, positives: positives, rows: 1))
      }
    }
    pool()
    func pool() {
      while blocks.count > 1, blocks[blocks.count - 2].rate >= blocks[blocks.count - 1].rate {
        let top = blocks.removeLast()
        blocks[blocks.count - 1].last = top.last
        blocks[blocks.count - 1].positives += top.positives
        blocks[blocks.count - 1].rows += top.rows
      }
    }
    // Nothing is impossible or certain because so many rows did not show it.
    let least = 0.05 / Double(rows.count)
    let rates = blocks.map { min(max($0.rate, least), 1 - least) }
    let ends = rates.indices.map { index in
      let below = index > 0 ? rates[index - 1] : 0
      let above = index < rates.count - 1 ? rates[index + 1] : 1
      let tilt = 0.01 * rates[index]
      return [
        rates[index] - min(tilt, (rates[index] - below) / 4),
        rates[index] + min(tilt, (above - rates[index]) / 4),
      ]
    }
    return .isotonic(
      scores: blocks.flatMap { [$0.first, $0.last] },
      probabilities: zip(blocks, zip(ends, rates)).flatMap { block, values in
        block.first < block.last ? values.0 : [values.1, values.1]
      })
  }

  /// What is wrong with the numbers; nil where nothing is.
  private var problem: String? {
    switch self {
    case .platt(let slope, let offset):
      slope >= 0 && slope.isFinite && offset.isFinite
        ? nil : "Platt's slope \(slope) and offset \(offset)"
    case .isotonic(let scores, let probabilities):
      !scores.isEmpty && scores.count == probabilities.count
        && Self.ascend(scores) && Self.ascend(probabilities)
        && (probabilities + scores).allSatisfy { (0...1).contains($0) }
        ? nil : "isotonic points that do not ascend within 0 and 1"
    }
  }

  private static func ascend(_ values: [Double]) -> Bool {
    zip(values, values.dropFirst()).allSatisfy(<=)
  }

  private static func interpolated(
    _ value: Double, _ places: [Double], _ values: [Double]
  ) -> Double {
    guard let first = places.first, !value.isNaN else { return value }
    guard value > first else { return values[0] }
    guard value < places[places.count - 1] else { return values[values.count - 1] }
    var (low, high) = (0, places.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if places[middle] <= value { low = middle } else { high = middle }
    }
    let share = (value - places[low]) / (places[high] - places[low])
    return values[low] + share * (values[high] - values[low])
  }
}

extension ScoreCalibration: Codable {
  private enum CodingKeys: String, CodingKey { case platt, isotonic }

  private struct Platt: Codable {
    var slope: Double
    var offset: Double
  }

  private struct Isotonic: Codable {
    var scores: [Double]
    var probabilities: [Double]
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let line = try values.decodeIfPresent(Platt.self, forKey: .platt) {
      self = .platt(slope: line.slope, offset: line.offset)
    } else {
      let points = try values.decode(Isotonic.self, forKey: .isotonic)
      self = .isotonic(scores: points.scores, probabilities: points.probabilities)
    }
    if let problem {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .platt(let slope, let offset):
      try container.encode(Platt(slope: slope, offset: offset), forKey: .platt)
    case .isotonic(let scores, let probabilities):
      try container.encode(
        Isotonic(scores: scores, probabilities: probabilities), forKey: .isotonic)
    }
  }
}
