import Foundation
import Randomness
import RankingMetrics
import Testing

/// Calibrations fitted on scores whose probabilities are known.
struct ScoreCalibrationTests {
  /// Rows whose true log-odds are `slope` times the score's plus `offset`.
  struct Rows {
    var scores: [Float] = []
    var labels: [UInt8] = []
    var truths: [Double] = []

    init(_ count: Int, slope: Double, offset: Double, seed: UInt64) {
      var generator = SplitMix64(seed: seed)
      for _ in 0..<count {
        let logit = 1.5 * generator.normal() - 2
        let truth = 1 / (1 + exp(-(slope * logit + offset)))
        scores.append(Float(1 / (1 + exp(-logit))))
        truths.append(truth)
        labels.append(generator.uniform() < truth ? 1 : 0)
      }
    }

    var positives: Double { labels.reduce(0) { $0 + Double($1) } }

    func predicted(by calibration: ScoreCalibration) -> Double {
      scores.reduce(0) { $0 + Double(calibration.probability(of: $1)) }
    }
  }

  static let rows = Rows(20_000, slope: 0.6, offset: -1, seed: 4)

  @Test func `Platt's finds the line that the rows were drawn with`() throws {
    let fitted = try #require(
      ScoreCalibration(.platt, scores: Self.rows.scores, labels: Self.rows.labels))
    guard case .platt(let slope, let offset) = fitted else {
      Issue.record("\(fitted)")
      return
    }
    // Three times the standard errors that the information matrix gives.
    #expect(abs(slope - 0.6) < 0.06 && abs(offset + 1) < 0.12)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `what it predicts adds up to what happened, on these rows and about on others`(
    kind: ScoreCalibration.Kind
  ) throws {
    let fitted = try #require(
      ScoreCalibration(kind, scores: Self.rows.scores, labels: Self.rows.labels))
    #expect(abs(Self.rows.predicted(by: fitted) / Self.rows.positives - 1) < 0.01)
    let others = Rows(20_000, slope: 0.6, offset: -1, seed: 5)
    #expect(abs(others.predicted(by: fitted) / others.positives - 1) < 0.08)
    let error = zip(others.scores, others.truths).reduce(0) {
      $0 + abs(Double(fitted.probability(of: $1.0)) - $1.1)
    }
    #expect(error / Double(others.scores.count) < 0.01)
    // Uncalibrated, the scores are far off.
    let before = others.scores.reduce(0) { $0 + Double($1) }
    #expect(abs(before / others.positives - 1) > 0.3)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `what it predicts adds up for few positives, one of them the highest score`(
    kind: ScoreCalibration.Kind
  ) throws {
    var rows = Rows(130, slope: 1, offset: 0, seed: 6)
    let order = rows.scores.indices.sorted { rows.scores[$0] > rows.scores[$1] }
    for (rank, row) in order.enumerated() { rows.labels[row] = [0, 30, 60].contains(rank) ? 1 : 0 }
    let fitted = try #require(
      ScoreCalibration(kind, scores: rows.scores, labels: rows.labels))
    #expect(abs(rows.predicted(by: fitted) / 3 - 1) < 0.02)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `it ascends with the score and stays within 0 and 1`(kind: ScoreCalibration.Kind) throws {
    let fitted = try #require(
      ScoreCalibration(kind, scores: Self.rows.scores, labels: Self.rows.labels))
    let values = (0...1_000).map { fitted.probability(of: Float($0) / 1_000) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test func `isotonic regression pools what is out of order, as by hand`() throws {
    let fitted = try #require(
      ScoreCalibration(
        .isotonic, scores: [0.1, 0.2, 0.3, 0.4, 0.4, 0.9, 0.5], labels: [0, 1, 0, 1, 0, 1, 2]))
    // 0.2 to 0.4 have two positives in four rows.
    let least = 0.05 / 6
    let expected = ScoreCalibration.isotonic(
      scores: [0.1, 0.1, 0.2, 0.4, 0.9, 0.9].map { Double(Float($0)) },
      probabilities: [least, least, 0.495, 0.505, 1 - least, 1 - least])
    #expect(fitted == expected)
  }

  @Test func `scores that part the outcomes give a finite line`() throws {
    let scores: [Float] = [0.1, 0.2, 0.3, 0.7, 0.8, 0.9]
    let fitted = try #require(ScoreCalibration(.platt, scores: scores, labels: [0, 0, 0, 1, 1, 1]))
    let values = scores.map(fitted.probability)
    #expect(values.allSatisfy { $0 > 0.05 && $0 < 0.95 })
    #expect(fitted.probability(of: 0) >= 0 && fitted.probability(of: 1) <= 1)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `scores against the outcomes are made all but flat, and equal ones get the base rate`(
    kind: ScoreCalibration.Kind
  ) throws {
    let labels: [UInt8] = [1, 1, 0, 0]
    let against = try #require(
      ScoreCalibration(kind, scores: [0.1, 0.2, 0.8, 0.9], labels: labels))
    let ends = (against.probability(of: 0.1), against.probability(of: 0.9))
    #expect(ends.0 < ends.1 && ends.1 - ends.0 < 0.011)
    #expect(abs(ends.0 + ends.1 - 1) < 1e-6)
    let equal = try #require(
      ScoreCalibration(kind, scores: [0.3, 0.3, 0.3, 0.3], labels: labels))
    #expect(abs(equal.probability(of: 0.3) - 0.5) < 1e-3)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `rows of one outcome fit nothing`(kind: ScoreCalibration.Kind) {
    #expect(ScoreCalibration(kind, scores: [0.1, 0.2], labels: [1, 1]) == nil)
    #expect(ScoreCalibration(kind, scores: [0.1, 0.2], labels: [0, 2]) == nil)
    #expect(ScoreCalibration(kind, scores: [], labels: []) == nil)
  }

  @Test(arguments: ScoreCalibration.Kind.allCases)
  func `is the same after being written and read`(kind: ScoreCalibration.Kind) throws {
    let fitted = try #require(
      ScoreCalibration(kind, scores: [0.1, 0.2, 0.3, 0.8], labels: [0, 1, 0, 1]))
    let read = try JSONDecoder().decode(
      ScoreCalibration.self, from: JSONEncoder().encode(fitted))
    #expect(read == fitted)
  }

  @Test(arguments: [
    #"{"platt": {"slope": -1, "offset": 0}}"#,
    #"{"isotonic": {"scores": [], "probabilities": []}}"#,
    #"{"isotonic": {"scores": [0.1, 0.2], "probabilities": [0.1]}}"#,
    #"{"isotonic": {"scores": [0.1, 0.2], "probabilities": [0.2, 0.1]}}"#,
    #"{"isotonic": {"scores": [0.1, 0.2], "probabilities": [0.2, 1.1]}}"#, "{}",
  ])
  func `damaged numbers are not read`(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ScoreCalibration.self, from: Data(text.utf8))
    }
  }
}
