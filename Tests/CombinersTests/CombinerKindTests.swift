import Combiners
import Foundation
import Testing

struct CombinerKindTests {
  static let tasks = ["click", "cart"]

  static func description(
    _ kind: CombinerKind, _ settings: CombinerSettings
  ) -> String? {
    do throws(CombinerError) {
      _ = try kind.make(settings: settings, taskNames: tasks, seed: 1)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `has the configuration's names`() {
    let names = CombinerKind.allCases.map(\.rawValue)
    let expected = [
      "static", "uncertainty", "imtl_l", "gls", "log_sum", "dwa", "rlw", "stch", "famo", "decayed",
      "gradnorm", "conditioned", "gradsimilarity", "metabalance", "pcgrad", "gradvac", "cagrad",
      "mgda", "mgda_ub", "imtl_g", "nash_mtl", "fairgrad", "aligned_mtl", "upgrad", "dualproj",
      "pe_ltr", "sdmgrad",
      "modo", "cr_mogm", "mtadam", "graddrop", "db_mtl", "excess_mtl", "moco",
    ]
    #expect(names == expected)
  }

  @Test(arguments: CombinerKind.allCases)
  func `makes a combiner of its family`(kind: CombinerKind) throws {
    let family: CombinerProfile.Family =
      switch try kind.sample(taskCount: 3).combining {
      case .losses, .preferences: .losses
      case .gradients: .gradients
      case .elements: .elements
      }
    let perBlock = kind.profile.usualGranularity == .block
    #expect(family == (perBlock ? .elements : kind.profile.family))
  }

  @Test func `hands the settings on`() throws {
    let weights: CombinerSettings = [.weights: .byTask(["cart": 3])]
    guard
      case .losses(let fixed as StaticWeights) = try CombinerKind.staticWeights.make(
        settings: weights, taskNames: CombinerKindTests.tasks, seed: 1)
    else { throw CombinerError.missingSetting(name: "weights", combiner: "static") }
    #expect(fixed.weights == [0.5, 1.5])

    let form: CombinerSettings = [
      .form: .text("regression"), .learningRate: .number(0.2), .lowest: .number(-3),
    ]
    guard
      case .losses(let learned as UncertaintyWeighting) = try CombinerKind.uncertainty.make(
        settings: form, taskNames: CombinerKindTests.tasks, seed: 1)
    else { throw CombinerError.missingSetting(name: "form", combiner: "uncertainty") }
    #expect(learned.form == .regression && learned.learningRate == 0.2 && learned.lowest == -3)

    let balance: CombinerSettings = [
      .main: .text("cart"), .strategy: .text("b"), .relax: .number(0.4), .beta: .number(0.5),
      .per: .text("network"), .every: .number(10), .scope: .text("dense"),
    ]
    guard
      case .gradients(let balanced as MetaBalance, let use) = try CombinerKind.metabalance.make(
        settings: balance, taskNames: CombinerKindTests.tasks, seed: 1)
    else { throw CombinerError.missingSetting(name: "main", combiner: "metabalance") }
    #expect(balanced.main == 1 && balanced.strategy == .b)
    #expect(balanced.relax == 0.4 && balanced.beta == 0.5)
    #expect(use == GradientUse(scope: .dense, every: 10))
  }

  @Test func `says what is wrong with a setting`() {
    let expected: [(CombinerKind, CombinerSettings, String)] = [
      (
        .pcgrad, [.relax: .number(0.5)],
        "combiner.relax: pcgrad takes only main, scope, per, every"
      ),
      (
        .uncertainty, [.weights: .byTask(["click": 1])],
        "combiner.weights: uncertainty takes only form, learning_rate, lowest, beta"
      ),
      (
        .staticWeights, [.learningRate: .number(1)],
        "combiner.learning_rate: static takes only weights"
      ),
      (.metabalance, [:], "combiner: metabalance needs the setting \"main\""),
      (
        .metabalance, [.main: .text("buy")],
        "combiner: there is no task \"buy\"; the tasks are click, cart"
      ),
      (
        .staticWeights, [.weights: .byTask(["click": 1, "buy": 1])],
        "combiner: there is no task \"buy\"; the tasks are click, cart"
      ),
      (
        .metabalance, [.main: .text("cart"), .relax: .number(2)],
        "combiner.relax: 2.0 is not a number in 0...1"
      ),
      (
        .metabalance, [.main: .text("cart"), .every: .number(5)],
        "combiner.every: 5 is not 1, because weights of each block leave no single weighted pass: "
          + "set combiner.per to network"
      ),
      (
        .pcgrad, [.scope: .text("some")],
        "combiner.scope: some is not one of all, dense, representation"
      ),
    ]
    for (kind, settings, description) in expected {
      #expect(CombinerKindTests.description(kind, settings) == description)
    }
  }

  @Test func `reads settings by the configuration's names`() throws {
    let text = #"{"learning_rate": 0.01, "form": "regression", "weights": {"click": 2}}"#
    let settings = try JSONDecoder().decode(CombinerSettings.self, from: Data(text.utf8))
    let expected: CombinerSettings = [
      .weights: .byTask(["click": 2]), .form: .text("regression"), .learningRate: .number(0.01),
    ]
    #expect(settings == expected)
  }
}
