import Combiners
import TestSupport
import Testing

struct CRMOGMTests {
  static let names = ["click", "cart"]

  static func make(_ settings: CombinerSettings) throws(CombinerError) -> Combining {
    try CombinerKind.crMOGM.make(settings: settings, taskNames: names, seed: 1)
  }

  @Test func `averages the weights of its rule`() throws {
    var combiner = try CRMOGM(MGDA(), taskCount: 2, alpha: 0.75)
    let first = try combiner.weights(for: Samples.step([[1, 0], [0, 1]]))
    #expect(Samples.difference(first, [0.5, 0.5]) < Tolerance.double)
    let second = try combiner.weights(for: Samples.step([[1, 0], [3, 1]]))
    #expect(Samples.difference(second, [0.625, 0.375]) < Tolerance.double)
  }

  @Test func `keeps the weight of an absent task`() throws {
    var combiner = try CRMOGM(MGDA(), taskCount: 3, alpha: 0.5)
    let jacobian: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    _ = try combiner.weights(for: Samples.step([jacobian[0], jacobian[1], jacobian[2]]))
    let alone = combiner.weights(for: Gramian(of: [jacobian[0]]), tasks: [0])
    #expect(Samples.difference(alone, [2.0 / 3]) < Tolerance.double)
    let all = try combiner.weights(for: Samples.step(jacobian))
    let expected: [Double] = [0.5, 1.0 / 3, 1.0 / 3]
    #expect(Samples.difference(all, expected) < Tolerance.double)
  }

  @Test func `is made around every kind with its settings`() throws {
    guard
      case .gradients(let rule as CRMOGM<CAGrad>, let use) = try CRMOGMTests.make([
        .of: .text("cagrad"), .c: .number(0.2), .alpha: .number(0.5), .scope: .text("dense"),
        .every: .number(4),
      ])
    else { throw CombinerError.missingSetting(name: "of", combiner: "cr_mogm") }
    #expect(rule.rule.c == 0.2 && rule.alpha == 0.5)
    #expect(use == GradientUse(scope: .dense, every: 4))

    guard
      case .gradients(let balance as CRMOGM<MetaBalance>, _) = try CRMOGMTests.make([
        .of: .text("metabalance"), .main: .text("cart"),
      ])
    else { throw CombinerError.missingSetting(name: "main", combiner: "cr_mogm") }
    #expect(balance.rule.main == 1)

    guard case .gradients(let halves, _) = try CRMOGMTests.make([.of: .text("modo")]) else {
      throw CombinerError.missingSetting(name: "of", combiner: "cr_mogm")
    }
    #expect(halves.needsHalves)
    guard
      case .elements(let block, _) = try CRMOGMTests.make([
        .of: .text("cagrad"), .per: .text("block"),
      ])
    else { throw CombinerError.missingSetting(name: "per", combiner: "cr_mogm") }
    #expect(block is PerBlock<CRMOGM<CAGrad>>)
  }

  @Test func `says what is wrong with its settings`() {
    let expected: [(CombinerSettings, String)] = [
      ([:], "combiner: cr_mogm needs the setting \"of\""),
      ([.of: .text("metabalance")], "combiner: metabalance needs the setting \"main\""),
      (
        [.of: .text("cagrad"), .p: .number(2)],
        "combiner.p: cr_mogm takes only of, main, alpha, scope, per, every, c, rescale"
      ),
      (
        [.of: .text("mgda"), .main: .text("cart")],
        "combiner.main: mgda takes only normalisation"
      ),
      (
        [.of: .text("cagrad"), .alpha: .number(1)],
        "combiner.alpha: 1.0 is not a number in 0..<1"
      ),
    ]
    for (settings, description) in expected {
      do throws(CombinerError) {
        _ = try CRMOGMTests.make(settings)
        Issue.record("\(settings) were taken")
      } catch {
        #expect(error.description == description)
      }
    }
    for kind in ["static", "cr_mogm", "mgda_ub", "nothing"] {
      #expect(throws: CombinerError.self) { try CRMOGMTests.make([.of: .text(kind)]) }
    }
  }
}
