import Combiners
import Networks
import TestSupport
import Testing
import Training

/// Experts whose outputs are normalised.
struct ExpertNormalizationTests {
  static func settings(
    _ function: ActivationFunction, dropout: Double = 0, expert: [Int] = [6, 4]
  ) -> NetworkSettings {
    var settings = GradientTests.settings
    settings.expertNormalization = .layer
    settings.expert = expert
    settings.activation = function
    settings.dropout = dropout
    return settings
  }

  @Test(arguments: [Architecture.omoe, .mmoe, .cgc, .stem], ActivationFunction.hidden)
  func `gradients equal central differences`(
    architecture: Architecture, function: ActivationFunction
  ) throws {
    try GradientTests.expectCentralDifferences(
      architecture, ExpertNormalizationTests.settings(function, expert: [5]), TinyLog.funnel)
  }

  @Test func `gradients equal central differences on several levels`() throws {
    try GradientTests.expectCentralDifferences(
      .ple, ExpertNormalizationTests.settings(.swish), TinyLog.funnel)
  }

  @Test(arguments: MixtureSettingsTests.mixtures)
  func `gradients of the tasks by themselves add up to the sum's`(architecture: Architecture)
    throws
  {
    try PassTests.expectSum(
      architecture, ExpertNormalizationTests.settings(.swish, dropout: 0.3))
  }

  @Test(arguments: ActivationFunction.hidden)
  func `dropout drops normalised values, too`(function: ActivationFunction) throws {
    func change(dropout: Double, microBatch: Int, workers: Int) throws -> [String: [Double]] {
      let settings = ExpertNormalizationTests.settings(function, dropout: dropout, expert: [5])
      return try GradientTests.change(
        GradientTests.weights(.mmoe, settings), .losses(try StaticWeights([1, 1, 1])),
        log: TinyLog.make(rows: 37), microBatch: microBatch, workers: workers)
    }
    // Experts of one layer, which is normalised; the towers' drop a share of theirs.
    let whole = try change(dropout: 0.5, microBatch: 64, workers: 1)
    let parts = try change(dropout: 0.5, microBatch: 5, workers: 3)
    #expect(GradientTests.largestDifference(whole, parts) < Tolerance.float32Gradient)
    let plain = try change(dropout: 0, microBatch: 64, workers: 1)
    #expect(GradientTests.largestDifference(whole, plain) > 100 * Tolerance.float32Gradient)
  }
}
