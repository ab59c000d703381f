import Foundation
import TaskLosses
import Testing

/// Calls the loss with arrays.
private func evaluate(
  _ loss: TaskLoss, logits: [Float], labels: [UInt8], scale: Float = 1
) -> (sum: TaskLoss.LossSum, slopes: [Float]) {
  var slopes = [Float](repeating: .nan, count: logits.count)
  var span = slopes.mutableSpan
  let sum = loss.slopes(logits: logits.span, labels: labels.span, scale: scale, into: &span)
  return (sum, slopes)
}

/// A single-precision exponential and a division: three roundings of half a unit in the last place.
private let slopeTolerance = 3 * 0x1p-23
/// What a single-precision exponential adds to a loss.
private let lossTolerance = 2 * 0x1p-24

/// What every loss promises; a new one is covered as soon as `TaskLoss` names it.
struct TaskLossLaws {
  @Test(arguments: TaskLoss.allCases)
  func `slopes are central differences of the total`(loss: TaskLoss) {
    // Powers of two, so that the shifted logits are exact.
    let step: Float = 0x1p-6
    for logit in stride(from: Float(-6), through: 6, by: 0.25) {
      for label: UInt8 in 0...1 {
        let above = evaluate(loss, logits: [logit + step], labels: [label]).sum.total
        let below = evaluate(loss, logits: [logit - step], labels: [label]).sum.total
        let difference = (above - below) / Double(2 * step)
        let slope = Double(evaluate(loss, logits: [logit], labels: [label]).slopes[0])
        // The cubic term of the difference, and rounding divided by the step.
        let tolerance = Double(step * step) / 6 + 2 * lossTolerance / Double(step)
        #expect(abs(slope - difference) <= tolerance, "logit \(logit), label \(label)")
      }
    }
  }

  @Test(arguments: TaskLoss.allCases)
  func `unknown labels have no slope and don't count`(loss: TaskLoss) {
    let (sum, slopes) = evaluate(loss, logits: [1, .nan, .infinity, -2], labels: [1, 2, 2, 0])
    let known = evaluate(loss, logits: [1, -2], labels: [1, 0])
    #expect(slopes == [known.slopes[0], 0, 0, known.slopes[1]])
    #expect(sum == known.sum)
    #expect(sum.count == 2)
  }

  @Test(arguments: TaskLoss.allCases)
  func `only unknown labels, or no rows, sum to nothing`(loss: TaskLoss) {
    #expect(evaluate(loss, logits: [], labels: []).sum == .init(total: 0, count: 0))
    #expect(evaluate(loss, logits: [3, 4], labels: [2, 2]).sum == .init(total: 0, count: 0))
  }

  @Test(arguments: TaskLoss.allCases)
  func `a logit that is no number makes the total none`(loss: TaskLoss) {
    for label: UInt8 in 0...1 {
      let (sum, slopes) = evaluate(loss, logits: [0, .nan, 1], labels: [1, label, 0])
      #expect(sum.total.isNaN)
      #expect(slopes[0].isFinite && slopes[1].isNaN && slopes[2].isFinite)
    }
  }

  @Test(arguments: TaskLoss.allCases)
  func `the scale multiplies slopes and leaves the total`(loss: TaskLoss) {
    let logits: [Float] = [-3, -0.5, 0, 2]
    let labels: [UInt8] = [1, 0, 1, 0]
    let plain = evaluate(loss, logits: logits, labels: labels)
    let scaled = evaluate(loss, logits: logits, labels: labels, scale: 0.25)
    #expect(scaled.slopes == plain.slopes.map { $0 * 0.25 })
    #expect(scaled.sum == plain.sum)
  }

  @Test func `buffers of different lengths are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = evaluate(.binaryCrossEntropy, logits: [1], labels: [1, 0])
    }
  }
}

struct BinaryCrossEntropyTests {
  /// The loss and its slope in double precision, one row.
  private func reference(_ logit: Float, _ label: UInt8) -> (loss: Double, slope: Double) {
    let wrongness = Double(label == 1 ? -logit : logit)
    let power = exp(-abs(wrongness))
    let score = (wrongness >= 0 ? 1 : power) / (1 + power)
    return (max(wrongness, 0) + log1p(power), label == 1 ? -score : score)
  }

  @Test func `a logit of zero costs a bit and pulls by a half`() {
    let (sum, slopes) = evaluate(.binaryCrossEntropy, logits: [0, 0], labels: [1, 0])
    #expect(abs(sum.total - 2 * log(2)) < 1e-15)
    #expect(slopes == [-0.5, 0.5])
  }

  @Test func `agrees with double precision for every size of logit`() {
    for exponent in -40...14 {
      for sign: Float in [-1, 1] {
        for label: UInt8 in 0...1 {
          let logit = sign * exp2(Float(exponent)) * 1.37
          let (sum, slopes) = evaluate(.binaryCrossEntropy, logits: [logit], labels: [label])
          let (loss, slope) = reference(logit, label)
          #expect(abs(sum.total - loss) <= lossTolerance * max(1, loss), "logit \(logit)")
          let smallest = Double(Float.leastNormalMagnitude)
          #expect(
            abs(Double(slopes[0]) - slope) <= slopeTolerance * abs(slope) + smallest,
            "logit \(logit)")
        }
      }
    }
  }

  @Test func `a logit of ten thousand is as finite as its loss`() {
    let (sum, slopes) = evaluate(
      .binaryCrossEntropy, logits: [1e4, 1e4, -1e4, -1e4], labels: [1, 0, 1, 0])
    #expect(sum.total == 2e4)
    #expect(slopes == [0, 1, -1, 0])
  }

  @Test func `an infinite logit is certain, rightly or wrongly`() {
    let right = evaluate(.binaryCrossEntropy, logits: [.infinity, -.infinity], labels: [1, 0])
    #expect(right.sum.total == 0 && right.slopes == [0, 0])
    let wrong = evaluate(.binaryCrossEntropy, logits: [.infinity, -.infinity], labels: [0, 1])
    #expect(wrong.sum.total == .infinity && wrong.slopes == [1, -1])
  }

  @Test func `many rows add up as in double precision`() {
    // More than one block of factors, and a part of one.
    let logits = (0..<1_000).map { Float($0 * 7919 % 1_000 - 500) / 50 }
    let labels = (0..<1_000).map { UInt8($0 * 104_729 % 3) }
    let (sum, slopes) = evaluate(.binaryCrossEntropy, logits: logits, labels: labels)
    let rows = zip(logits, labels).filter { $0.1 < 2 }.map { reference($0.0, $0.1) }
    let total = rows.reduce(0) { $0 + $1.loss }
    #expect(sum.count == rows.count)
    #expect(abs(sum.total - total) <= lossTolerance * total)
    #expect(zip(slopes, labels).allSatisfy { $1 < 2 || $0 == 0 })
  }
}
