import Combiners
import Foundation
import TestSupport
import Testing

struct GradNormTests {
  /// A step with these losses and norms.
  static func step(_ losses: [Double?], norms: [Double?]) -> WeighedStep {
    var step = WeighedStep(losses: losses)
    step.lastLayerNorms = norms
    return step
  }

  @Test func `goes down the slope of the distances to its targets`() {
    let weights: [Double] = [0.7, 1.5, 0.8]
    let norms: [Double] = [2, 0.3, 1.1]
    let paces: [Double] = [0.9, 0.4, 0.6]
    let targets = GradNorm.targets(weights: weights, norms: norms, paces: paces, alpha: 1.5)
    func distance(_ weights: [Double]) -> Double {
      zip(zip(weights, norms), targets).reduce(0) { $0 + abs($1.0.0 * $1.0.1 - $1.1) }
    }
    let slopes = GradNorm.slopes(weights: weights, norms: norms, paces: paces, alpha: 1.5)
    for task in 0..<3 {
      var up = weights
      var down = weights
      up[task] += 1e-6
      down[task] -= 1e-6
      // The distances are linear on both sides: what is left is rounding, divided by 2e-6.
      #expect(abs((distance(up) - distance(down)) / 2e-6 - slopes[task]) < 1e-8)
    }
  }

  @Test func `aims at the mean norm times the relative pace to the power of alpha`() {
    let targets = GradNorm.targets(
      weights: [1, 1], norms: [1, 3], paces: [0.5, 1.5], alpha: 2)
    #expect(targets == [2 * 0.25, 2 * 2.25])
    #expect(
      GradNorm.targets(weights: [1, 1], norms: [1, 3], paces: [0, 0], alpha: 2) == [2, 2])
  }

  @Test func `of alpha 0 brings fixed norms together`() throws {
    let norms: [Double] = [4, 1, 0.5]
    var rule = try GradNorm(taskCount: 3, alpha: 0, learningRate: 0.01, warmUp: 1)
    for _ in 0..<3_000 { try rule.observe(GradNormTests.step([1, 2, 3], norms: norms)) }
    // Weights in inverse proportion to the norms; Adam's signed steps keep shaking by its rate.
    let inverse = norms.map { 1 / $0 }
    let expected = inverse.map { 3 * $0 / inverse.reduce(0, +) }
    #expect(Samples.difference(rule.weights, expected) < 0.02)
    #expect(abs(rule.weights.reduce(0, +) - 3) < Tolerance.double)
  }

  @Test func `gives the slower task more weight`() throws {
    var rule = try GradNorm(taskCount: 2, warmUp: 1)
    try rule.observe(GradNormTests.step([1, 1], norms: [1, 1]))
    #expect(rule.weights == [1, 1])
    try rule.observe(GradNormTests.step([0.9, 0.3], norms: [1, 1]))
    #expect(rule.weights[0] > 1 && rule.weights[1] < 1)
  }

  @Test func `keeps its weights in the warm-up, whose mean loss is the first one`() throws {
    var rule = try GradNorm(taskCount: 2, warmUp: 3)
    for loss in [1.0, 2] {
      try rule.observe(GradNormTests.step([loss, 1], norms: [1, 1]))
      #expect(rule.weights == [1, 1])
      #expect(rule.meanWeights == [1, 1])
    }
    // The first losses are 2 and 1, so that the first task is at 1.5 times its own.
    try rule.observe(GradNormTests.step([3, 1], norms: [1, 1]))
    #expect(rule.weights[0] > 1 && rule.weights[1] < 1)
  }

  @Test func `holds every weight above zero`() throws {
    var rule = try GradNorm(taskCount: 2, alpha: 0, learningRate: 1, warmUp: 1)
    for _ in 0..<20 {
      try rule.observe(GradNormTests.step([1, 1], norms: [1e6, 1e-6]))
      #expect(rule.weights.allSatisfy { $0 >= 5e-4 })
    }
  }

  @Test func `leaves absent tasks as they are and the sum as it was`() throws {
    var rule = try GradNorm(taskCount: 3, alpha: 0, warmUp: 1)
    try rule.observe(GradNormTests.step([1, 1, 1], norms: [4, 2, 1]))
    let before = rule.weights
    try rule.observe(GradNormTests.step([1, nil, 1], norms: [4, nil, 1]))
    #expect(rule.weights[1] == before[1])
    #expect(rule.weights[0] < before[0] && rule.weights[2] > before[2])
    #expect(abs(rule.weights.reduce(0, +) - 3) < Tolerance.double)
    try rule.observe(GradNormTests.step([nil, nil, nil], norms: [nil, nil, nil]))
    #expect(rule.weights.allSatisfy { $0.isFinite })
  }

  @Test func `knows the mean of the weights that it gave`() throws {
    var rule = try GradNorm(taskCount: 2, alpha: 0, warmUp: 1)
    var given: [Double] = []
    for _ in 0..<5 {
      given.append(rule.weights[0])
      try rule.observe(GradNormTests.step([1, 1], norms: [4, 1]))
    }
    #expect(abs(rule.meanWeights[0] - given.reduce(0, +) / 5) < Tolerance.double)
  }

  @Test func `refuses a first loss of zero`() throws {
    var rule = try GradNorm(taskCount: 2, warmUp: 1)
    #expect(throws: CombinerError.lossNotPositive(task: 1, loss: 0, combiner: "gradnorm")) {
      try rule.observe(GradNormTests.step([1, 0], norms: [1, 1]))
    }
  }

  @Test func `refuses bad settings by name`() {
    for alpha in [-1, .nan, .infinity] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "alpha", value: "\(alpha)", expected: "a number ≥ 0")
      ) { try GradNorm(taskCount: 1, alpha: alpha) }
    }
    #expect(
      throws: CombinerError.badSetting(
        name: "learning_rate", value: "0.0", expected: "a number > 0")
    ) { try GradNorm(taskCount: 1, learningRate: 0) }
    #expect(
      throws: CombinerError.badSetting(
        name: "warm_up", value: "0.0", expected: "a whole number ≥ 1")
    ) { try GradNorm(taskCount: 1, warmUp: 0) }
  }
}
