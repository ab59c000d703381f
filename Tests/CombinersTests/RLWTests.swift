import Combiners
import Foundation
import TestSupport
import Testing

struct RLWTests {
  @Test(arguments: RLW.Form.allCases)
  func `gives every task 1 on average and K in sum`(form: RLW.Form) {
    var rule = RLW(form: form, seed: 3)
    var sums: [Double] = [0, 0, 0]
    for _ in 0..<20_000 {
      let weights = rule.weights(for: [1, 1, 1])
      #expect(abs(weights.reduce(0, +) - 3) < Tolerance.double)
      for task in 0..<3 { sums[task] += weights[task] }
    }
    // A weight's deviation is below 0.75, that of the mean of 20,000 below 0.0053: four of them.
    for sum in sums { #expect(abs(sum / 20_000 - 1) < 0.022) }
  }

  @Test func `of the Dirichlet form is even for two tasks`() {
    var rule = RLW(form: .dirichlet, seed: 5)
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 {
      let share = rule.weights(for: [1, 1])[0] / 2
      counts[min(9, Int(share * 10))] += 1
    }
    // 1,000 each, with a deviation of 30: four of them.
    for count in counts { #expect(abs(count - 1_000) < 120) }
  }

  @Test func `of the normal form has log ratios of deviation √2`() {
    var rule = RLW(seed: 5)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<10_000 {
      let weights = rule.weights(for: [1, 1])
      let ratio = log(weights[0] / weights[1])
      sum += ratio
      squares += ratio * ratio
    }
    // The mean's deviation is √(2 / 10,000), that of the mean square √(8 / 10,000): four of them.
    #expect(abs(sum / 10_000) < 0.057)
    #expect(abs(squares / 10_000 - 2) < 0.114)
  }

  @Test func `draws for present tasks only`() {
    var three = RLW(seed: 9)
    var two = RLW(seed: 9)
    for _ in 0..<5 {
      let weights = three.weights(for: [1, nil, 1])
      #expect(weights[1] == 0)
      #expect([weights[0], weights[2]] == two.weights(for: [1, 1]))
      #expect(three.weights(for: [nil, nil, nil]) == [0, 0, 0])
    }
  }

  @Test func `draws anew in every step and alike for equal seeds`() {
    var first = RLW(seed: 1)
    var second = RLW(seed: 1)
    var other = RLW(seed: 2)
    let weights = first.weights(for: [1, 1])
    #expect(weights == second.weights(for: [1, 1]))
    #expect(weights != first.weights(for: [1, 1]))
    #expect(weights != other.weights(for: [1, 1]))
  }
}
