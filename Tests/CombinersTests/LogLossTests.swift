import Combiners
import Foundation
import TestSupport
import Testing

/// The rules that divide each loss by its size.
struct LogLossTests {
  @Test func `the geometric loss has its derivatives as weights`() throws {
    let losses: [Double] = [0.5, 0.02, 3]
    let weights = try GeometricLoss().weights(for: losses)
    func mean(_ losses: [Double]) -> Double { cbrt(losses[0] * losses[1] * losses[2]) }
    for task in 0..<3 {
      var up = losses
      var down = losses
      up[task] *= 1 + 1e-5
      down[task] *= 1 - 1e-5
      let slope = (mean(up) - mean(down)) / (2e-5 * losses[task])
      #expect(abs(slope / weights[task] - 1) < 1e-9)
    }
  }

  @Test func `the geometric loss is that of the present tasks`() throws {
    // √(2 · 8) / (2 L)
    let weights = try GeometricLoss().weights(for: [2, nil, 8])
    #expect(Samples.difference(weights, [1, 0, 0.25]) < Tolerance.double)
    #expect(try GeometricLoss().weights(for: [nil]) == [0])
    #expect(try GeometricLoss().weights(for: [1e-200, 1e200]).allSatisfy { $0.isFinite })
  }

  @Test func `the sum of logarithms weighs by the inverse losses`() throws {
    #expect(try LogLossSum().weights(for: [0.5, nil, 4]) == [1 / (0.5 + 1e-8), 0, 1 / (4 + 1e-8)])
  }

  @Test(arguments: [0, -1, .nan, .infinity] as [Double])
  func `a loss without a logarithm is refused`(loss: Double) {
    for (name, rule) in [("gls", GeometricLoss()), ("log_sum", LogLossSum())]
      as [(String, any LossWeighting)]
    {
      let error = #expect(throws: CombinerError.self) {
        var rule = rule
        _ = try rule.weights(for: [1, loss])
      }
      #expect(
        error?.description
          == "combiner: \(name) can't use a loss of \(SettingValue.number(loss)), which task 1, counted from 0, "
          + "has; it must be above 0 and any bound that is set")
    }
  }
}
