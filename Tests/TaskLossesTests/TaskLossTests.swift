import Foundation
import TaskLosses
import Testing

/// What every loss promises; a new one is covered as soon as `TaskLoss` names it.
struct TaskLossLaws {
  static let logits: [Double] = [-1e4, -700, -37, -5, -0.1, 0, 1e-8, 0.5, 3, 40, 750, 1e4]

  @Test(arguments: TaskLoss.allCases, logits)
  func `is finite and falls towards the truth`(loss: TaskLoss, logit: Double) {
    for isPositive in [false, true] {
      let (value, slope) = loss.lossAndSlope(logit: logit, isPositive: isPositive)
      #expect(value.isFinite && value >= 0)
      #expect(isPositive ? slope <= 0 : slope >= 0)
      #expect(abs(slope) <= 1)
    }
  }

  @Test(arguments: TaskLoss.allCases, logits.filter { abs($0) < 30 })
  func `slope equals the central difference`(loss: TaskLoss, logit: Double) {
    let step = 1e-5  // truncation and rounding errors are both near 1e-10 here
    for isPositive in [false, true] {
      let above = loss.lossAndSlope(logit: logit + step, isPositive: isPositive).loss
      let below = loss.lossAndSlope(logit: logit - step, isPositive: isPositive).loss
      let slope = loss.lossAndSlope(logit: logit, isPositive: isPositive).slope
      #expect(abs((above - below) / (2 * step) - slope) < 1e-9)
    }
  }

  @Test(arguments: TaskLoss.allCases)
  func `a run of rows adds up to its rows in double precision`(loss: TaskLoss) {
    let logits = Self.logits.map { Float($0) }
    let labels = logits.indices.map { UInt8($0 % 3) }
    var slopes = [Float](repeating: .nan, count: logits.count)
    var span = slopes.mutableSpan
    let scale: Float = 0.25
    let total = loss.total(logits: logits.span, labels: labels.span, scale: scale, slopes: &span)
    var expected = 0.0
    for row in logits.indices where labels[row] <= 1 {
      let one = loss.lossAndSlope(logit: Double(logits[row]), isPositive: labels[row] == 1)
      expected += one.loss
      let slope = Double(scale) * one.slope
      // A few roundings of single precision, each of 6e-8 of the value.
      #expect(abs(Double(slopes[row]) - slope) <= 4e-7 * abs(slope) + 1e-37)
    }
    #expect(total.count == 8)
    #expect(abs(total.loss - expected) <= 4e-7 * expected)
    for row in labels.indices where labels[row] == 2 { #expect(slopes[row] == 0) }
  }

  @Test(arguments: TaskLoss.allCases)
  func `smoothed labels cost what both labels cost in their shares`(loss: TaskLoss) {
    let logits: [Float] = [-3, -0.5, 0, 2, 7]
    let labels: [UInt8] = [0, 1, 1, 0, 2]
    let smoothing = TaskLoss.Smoothing(share: 0.2, rate: 0.1)
    var slopes = [Float](repeating: .nan, count: logits.count)
    var span = slopes.mutableSpan
    let total = loss.total(
      logits: logits.span, labels: labels.span, scale: 0.5, smoothing: smoothing, slopes: &span)
    var expected = 0.0
    for row in 0..<4 {
      let target = labels[row] == 1 ? 0.8 + 0.2 * 0.1 : 0.2 * 0.1
      let logit = Double(logits[row])
      let both = [true, false].map { loss.lossAndSlope(logit: logit, isPositive: $0) }
      expected += target * both[0].loss + (1 - target) * both[1].loss
      let slope = target * both[0].slope + (1 - target) * both[1].slope
      #expect(abs(Double(slopes[row]) - 0.5 * slope) < 1e-6)
    }
    #expect(abs(total.loss - expected) < 1e-6)
    #expect(slopes[4] == 0 && total.count == 4)
  }

  @Test(arguments: TaskLoss.allCases, [nil, TaskLoss.Smoothing(share: 0.2, rate: 0.1)])
  func `a weight multiplies a row's loss and slope`(
    loss: TaskLoss, smoothing: TaskLoss.Smoothing?
  ) {
    let logits: [Float] = [-3, -0.5, 0, 2, 7]
    let labels: [UInt8] = [0, 1, 1, 0, 2]
    let weights: [Float] = [2, 0, 0.25, 3, 5]
    var expected = 0.0
    var slopes = [Float](repeating: .nan, count: 5)
    var span = slopes.mutableSpan
    let total = loss.total(
      logits: logits.span, labels: labels.span, weights: weights.span, scale: 0.5,
      smoothing: smoothing, slopes: &span)
    for row in logits.indices {
      var slope: [Float] = [.nan]
      var one = slope.mutableSpan
      let plain = loss.total(
        logits: [logits[row]].span, labels: [labels[row]].span, scale: 0.5, smoothing: smoothing,
        slopes: &one)
      expected += Double(weights[row]) * plain.loss
      #expect(abs(slopes[row] - weights[row] * slope[0]) < 1e-6)
    }
    #expect(abs(total.loss - expected) < 1e-6)
    #expect(total.count == 4)
  }

  @Test(arguments: TaskLoss.allCases, logits)
  func `a row in single precision equals the row in double`(loss: TaskLoss, logit: Double) {
    let logits = [Float(logit)]
    for label: UInt8 in [0, 1] {
      let expected = loss.lossAndSlope(logit: Double(logits[0]), isPositive: label == 1)
      let labels = [label]
      var slopes: [Float] = [.nan]
      var span = slopes.mutableSpan
      let total = loss.total(logits: logits.span, labels: labels.span, scale: 1, slopes: &span)
      #expect(abs(total.loss - expected.loss) <= 4e-7 * expected.loss + 1e-37)
    }
  }

  @Test(arguments: TaskLoss.allCases)
  func `no rows cost nothing`(loss: TaskLoss) {
    let logits: [Float] = []
    let labels: [UInt8] = []
    var slopes: [Float] = []
    var span = slopes.mutableSpan
    let total = loss.total(logits: logits.span, labels: labels.span, scale: 1, slopes: &span)
    #expect(total.loss == 0)
    #expect(total.count == 0)
  }

  @Test(arguments: TaskLoss.allCases)
  func `has a stable name for files`(loss: TaskLoss) throws {
    let data = try JSONEncoder().encode([loss])
    #expect(try JSONDecoder().decode([TaskLoss].self, from: data) == [loss])
  }
}

struct BinaryCrossEntropyTests {
  let loss = TaskLoss.binaryCrossEntropy

  @Test func `known points get the closed form`() {
    let even = loss.lossAndSlope(logit: 0, isPositive: true)
    #expect(even.loss == log(2))
    #expect(even.slope == -0.5)
    let third = loss.lossAndSlope(logit: log(2), isPositive: false)
    #expect(abs(third.loss - log(3)) < 1e-15)
    #expect(abs(third.slope - 2.0 / 3) < 1e-15)
  }

  @Test func `hopeless rows cost their logit, safe rows keep a slope`() {
    let hopeless = loss.lossAndSlope(logit: -1e4, isPositive: true)
    #expect(hopeless.loss == 1e4)
    #expect(hopeless.slope == -1)
    let safe = loss.lossAndSlope(logit: 50, isPositive: true)
    #expect(abs(safe.slope / -exp(-50) - 1) < 1e-15)
    #expect(abs(safe.loss / exp(-50) - 1) < 1e-15)
  }

  @Test func `score is the probability`() {
    #expect(loss.score(logit: 0) == 0.5)
    #expect(loss.score(logit: 1e4) == 1)
    #expect(loss.score(logit: -1e4) == 0)
    #expect(abs(loss.score(logit: -20) / Float(exp(-20.0)) - 1) < 1e-6)
    #expect(loss.score(logit: 3) + loss.score(logit: -3) == 1)
  }
}
