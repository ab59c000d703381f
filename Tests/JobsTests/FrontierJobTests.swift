import Combiners
import Foundation
import Frontiers
import Interactions
import Jobs
import Optimizers
import RankingMetrics
import Reports
import RunConfiguration
import Synchronization
import Testing
import Training

struct FrontierJobTests {
  /// So small a shop sells next to nothing in a day: what goes into carts must do.
  private static let carted = "tasks.purchase.label=carted"

  private static func job(_ shop: Shop, _ configuration: RunConfiguration) -> FrontierJob {
    var job = FrontierJob(configuration: configuration)
    job.points = 4
    job.columnDirectory = "\(shop.folder)/columns"
    job.trialDirectory = "\(shop.folder)/trials"
    return job
  }

  /// Validation measures by point, by task.
  private static func values(_ report: FrontierJob.Report) -> [[Double]] {
    report.points.map { point in
      report.taskNames.map { point.validation[$0]?.auc ?? .nan }
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `the frontier is that of the validation measures, and only it is tested`() throws {
    let shop = try Shop("frontier_sweep", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=1"))
    job.seeds = 2
    job.combiners = [.pcgrad, .staticWeights]
    let report = try job.run(JobContext())
    #expect(report.points.map(\.combiner) == [nil, nil, nil, nil, "pcgrad", "static"])
    #expect(report.seeds == [7, 8])
    #expect(report.runs == 12)
    for point in report.points.prefix(4) {
      let weights = try #require(point.weights)
      #expect(abs(weights.values.reduce(0, +) - 1) < 1e-12)
      #expect(point.section.kind == .staticWeights)
      #expect(point.verdict == nil)
    }
    let values = Self.values(report)
    let frontier = ParetoRanks(of: values).frontier
    #expect(report.points.indices.filter { report.points[$0].isOnFrontier } == frontier)
    for (index, point) in report.points.enumerated() {
      #expect((point.test != nil) == (frontier.contains(index) || point.combiner != nil))
      // Zero if both seeds gave the same model.
      #expect(try #require(point.validation["click"]?.aucError) > 0)
    }
    let volume = Hypervolume(of: values, above: [0.5, 0.5]).value
    #expect(report.hypervolume == volume)
    #expect(try #require(report.sweptHypervolume) <= volume)
    #expect(report.reference == ["click": 0.5, "purchase": 0.5])
    #expect(report.points.suffix(2).allSatisfy { $0.verdict != nil })
    #expect(report.whyNoVerdict == nil)
    #expect(report.sentences.count >= 2)
    let page = report.page(of: job.configuration)
    #expect(page.sections.map(\.title).contains("Combiners"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `one conditioned network is a series of points, held beside the sweep`() throws {
    let shop = try Shop("frontier_conditioned", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=1"))
    job.combiners = [.conditioned, .pcgrad]
    job.reference = [0.2, 0.2]
    let report = try job.run(JobContext())
    let series = report.points.filter { !$0.isSwept && !$0.isNamed }
    #expect(series.count == 4)
    #expect(series.allSatisfy { $0.combiner == "conditioned" && $0.verdict == nil })
    #expect(series.map(\.weights) == report.points.filter(\.isSwept).map(\.weights))
    // One training makes all of them, and they differ.
    #expect(report.runs == 6)
    let values = Self.values(report)
    let ofSeries = report.points.indices.filter { report.points[$0].combiner == "conditioned" }
      .map { values[$0] }
    #expect(Set(ofSeries).count == 4)
    let conditioned = try #require(report.conditioned)
    #expect(conditioned.hypervolume == Hypervolume(of: ofSeries, above: [0.2, 0.2]).value)
    let swept = try #require(report.sweptHypervolume)
    #expect(conditioned.share == conditioned.hypervolume / swept)
    #expect(conditioned.costShare > 0)
    #expect(report.sentences.contains { $0.contains("one conditioned network holds") })
    // Which of them is picked may be chance; a preference says how to score by it.
    job.combiners = [.conditioned]
    job.pick = try PickRule(
      "maximise click", taskNames: report.taskNames, better: .higher, suggestion: { _ in nil })
    let picking = try job.run(JobContext())
    let picked = picking.points[try #require(picking.pick).point]
    let scoring = picking.sentences.contains { $0.contains("score it by --weights click=") }
    #expect(scoring == (picked.combiner == "conditioned"))
    job.combiners = [.conditioned, .pcgrad]
    job.pick = nil
    // Kept runs are kept with their preferences.
    let again = try job.run(JobContext())
    #expect(Self.values(again) == values)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a point is what training by its section comes to`() throws {
    let shop = try Shop("frontier_point", impressions: 1_500)
    let configuration = try shop.configuration(
      Self.carted, "training.epochs=1", "training.workers=1")
    let point = try #require(try Self.job(shop, configuration).run(JobContext()).points.first)
    var run = configuration
    run.combiner = point.section
    let report = try shop.train(run)
    #expect(report.validation["click"]?.auc == point.validation["click"]?.auc)
    #expect(report.validation["purchase"]?.logLoss == point.validation["purchase"]?.logLoss)
    let read = try shop.configuration(Self.carted, "combiner=\(point.section.yaml)")
    #expect(read.combiner == point.section)
  }

  @Test(.timeLimit(.minutes(10)))
  func `one seed gives no verdict, and the report says why`() throws {
    let shop = try Shop("frontier_seed", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=1"))
    job.combiners = [.famo]
    let report = try job.run(JobContext())
    #expect(report.points.last?.verdict == nil)
    #expect(report.whyNoVerdict == "one seed doesn't tell luck from merit; --seeds 3 does")
    #expect(report.points[0].validation["click"]?.aucError == nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `an interrupted sweep goes on where it stopped`() throws {
    let shop = try Shop("frontier_again", impressions: 1_500)
    let job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=1"))
    let steps = Mutex(0)
    func context(endAfter limit: Int = .max) -> JobContext {
      JobContext(
        onProgress: { progress in
          if progress.stage == "training" { steps.withLock { $0 = max($0, progress.done) } }
        }, isCancelled: { steps.withLock { $0 >= limit } })
    }
    #expect(throws: JobError.cancelled) { try job.run(context(endAfter: 14)) }
    steps.withLock { $0 = 0 }
    let again = try job.run(context())
    let rest = steps.withLock { $0 }
    steps.withLock { $0 = 0 }
    let third = try job.run(context())
    #expect(rest > 0)
    #expect(steps.withLock { $0 } == 0)
    #expect(Self.values(third) == Self.values(again))
    #expect(third.hypervolume == again.hypervolume)
  }

  @Test(.timeLimit(.minutes(10)))
  func `halving gives up points early and says so`() throws {
    let shop = try Shop("frontier_halving", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=3"))
    job.points = 8
    job.method = .halving
    job.seeds = 2
    let report = try job.run(JobContext())
    let stopped = report.points.filter { $0.stoppedAfter != nil }
    #expect(stopped.count == 5)
    #expect(stopped.allSatisfy { $0.stoppedAfter == 1 && !$0.isOnFrontier && $0.test == nil })
    #expect(stopped.allSatisfy { $0.validation["click"]?.aucError == nil })
    // Three that stay, from two seeds.
    #expect(report.runs == 6)
    #expect(report.points.contains { $0.isOnFrontier })
  }

  @Test(.timeLimit(.minutes(10)))
  func `Chebyshev's points weigh what losses are above the best of the corners`() throws {
    let shop = try Shop("frontier_chebyshev", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=1"))
    job.points = 3
    job.scalarisations = [.sum, .chebyshev]
    let report = try job.run(JobContext())
    #expect(
      report.points.map(\.scalarisation) == [.sum, .sum, .sum, .chebyshev, .chebyshev, .chebyshev])
    #expect(report.points[0].weights == report.points[3].weights)
    let sections = report.points.suffix(3).map(\.section)
    #expect(sections.allSatisfy { $0.kind == .stch && $0.settings[.lowest] != nil })
    #expect(sections[0].settings[.lowest] == sections[2].settings[.lowest])
    #expect(sections[0].settings[.weights] != sections[2].settings[.weights])
  }

  @Test(.timeLimit(.minutes(10)))
  func `log losses are lower the better, from what a model without knowledge has`() throws {
    let shop = try Shop("frontier_loss", impressions: 1_500)
    var job = Self.job(shop, try shop.configuration(Self.carted, "training.epochs=2"))
    job.measure = .logLoss
    job.pick = try PickRule(
      "purchase <= 1.5 best, minimise click", taskNames: ["click", "purchase"], better: .lower)
    let report = try job.run(JobContext())
    let losses = report.points.compactMap { $0.validation["click"]?.logLoss }
    let best = try #require(losses.min())
    #expect(report.points.contains { $0.isOnFrontier && $0.validation["click"]?.logLoss == best })
    let reference = try #require(report.reference["click"])
    let data = try TrainingData(
      job.configuration, context: JobContext(), columnDirectory: job.columnDirectory)
    let labels = try #require(data.labels(of: "click", in: .validation)).filter { $0 < 2 }
    let share = Double(labels.count { $0 == 1 }) / Double(labels.count)
    let entropy = -share * log(share) - (1 - share) * log(1 - share)
    #expect(abs(reference - entropy) < 1e-9)
    let pick = try #require(report.pick)
    #expect(report.points[pick.point].isOnFrontier)
    #expect(pick.conditions.map(\.task) == ["purchase"])
  }

  @Test(.timeLimit(.minutes(10)))
  func `nothing but failed runs is an error that says why`() throws {
    let shop = try Shop("frontier_failing", impressions: 1_500)
    var configuration = try shop.configuration(Self.carted, "training.epochs=3")
    configuration.optimizer.rule = Optimizer(kind: .sgd, learningRate: 1e38)
    let job = Self.job(shop, configuration)
    #expect(throws: TrainingError.self) { _ = try job.run(JobContext()) }
  }

  @Test(.timeLimit(.minutes(10)))
  func `what no frontier can come of is refused`() throws {
    let shop = try Shop("frontier_refused", impressions: 1_000)
    func problem(_ overrides: String...) throws -> JobError? {
      var configuration = try shop.configuration(Self.carted)
      if overrides == ["one"] {
        configuration.tasks.removeLast()
      } else if overrides == ["split"] {
        configuration.split = .lengths(train: nil, validation: 0, test: 86_400_000_000)
      } else {
        // Nobody ever buys.
        configuration.impressions.condition = "carted IS NOT TRUE"
      }
      let job = Self.job(shop, configuration)
      return #expect(throws: JobError.self) { _ = try job.run(JobContext()) }
    }
    let one = try problem("one")
    #expect(
      one == .missingConfiguration("a frontier is between tasks; the configuration has only click"))
    let split = try problem("split")
    #expect(
      split
        == .missingConfiguration(
          "the split has no validation rows to find the frontier on; add them, as in --set split.validation='1 day'"
        ))
    let nobody = try problem("nobody")
    #expect(
      nobody
        == .badData(
          "task purchase: no validation row is positive, so it can't be measured there; give split.validation more rows"
        ))
  }
}
