import Foundation
import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// The whole way: simulate, check, train, evaluate, score.
struct NightTests {
  @Test(.timeLimit(.minutes(10)))
  func `a simulated shop is checked, trained on, evaluated and scored`() throws {
    let shop = try Shop("night")
    let configuration = try shop.configuration()

    let check = try CheckJob(configuration: configuration).run(JobContext())
    #expect(check.problems == [])
    #expect(check.rows == 3_000)
    #expect(check.parts.map(\.name) == SplitPart.allCases)

    let training = try shop.train(configuration)
    #expect(training.epochs == 2)
    #expect(training.summaries.count == 2)
    #expect(training.rows == check.parts.first?.rows)
    #expect(Set(training.validation.keys) == ["click", "purchase"])
    #expect(ModelNames.newest(configuration.output) == training.model)
    for (reading, task) in zip(training.reading, check.tasks) {
      #expect(reading.task == task.name)
      #expect(reading.funnelViolations == task.funnelViolations)
    }

    let evaluation = try shop.evaluate(training.model, configuration)
    let click = try #require(evaluation.tasks["click"])
    #expect(evaluation.rows == check.parts.last?.rows)
    #expect(click.positives == check.tasks[0].testPositives)
    #expect(try #require(evaluation.bestPossibleAUC["click"]) > 0.55)

    let scores = try ScoreJob(configuration: configuration, model: training.model)
      .run(JobContext())
    #expect(scores.candidates > scores.written)
    let counted = try shop.connection.value("SELECT count(*) FROM night.scores")
    #expect(counted == "\(scores.written)")
    let largest = try shop.connection.value("SELECT max(rank) FROM night.scores")
    #expect(largest == "5")

    let few = try shop.configuration("scoring.keep=2")
    for _ in 0..<3 { _ = try ScoreJob(configuration: few, model: training.model).run(JobContext()) }
    let versions = try shop.connection.query(
      """
      SELECT state, count(*) FROM paretorank.score_versions WHERE model = 'night'
      GROUP BY state ORDER BY state
      """)
    #expect(versions.rows == [["current", "1"], ["retired", "1"]])
    let kept = try shop.connection.value(
      """
      SELECT count(*) FROM paretorank.scored_candidates WHERE version IN
        (SELECT id FROM paretorank.score_versions WHERE model = 'night')
      """)
    #expect(kept == "\(2 * scores.written)")
  }

  @Test func `a log smaller than a batch trains in one step a pass`() throws {
    let shop = try Shop("small", impressions: 1_000)
    let small = try shop.train(shop.configuration("training.batch=4096"), to: "small")
    #expect(small.rows < 1_000)
    let exact = try shop.train(
      shop.configuration("training.batch=\(small.rows)"), to: "exact")
    #expect(
      try shop.bytes("weights.safetensors", of: small.model)
        == shop.bytes("weights.safetensors", of: exact.model))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a window of times measures the same rows as the part that they are`() throws {
    let shop = try Shop("windows")
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration).model
    let check = try CheckJob(configuration: configuration).run(JobContext())
    let start = try #require(check.parts.last?.from)
    let from = try #require(Timestamp.time(start))
    for (part, rows) in zip(check.parts, check.parts.map(\.rows)) {
      #expect(try shop.evaluate(model, configuration, on: .part(part.name)).rows == rows)
    }
    let byName = try shop.evaluate(model, configuration)
    let byTime = try shop.evaluate(
      model, configuration, on: .times(from: from, to: nil))
    #expect(byName.tasks == byTime.tasks)
    #expect(throws: JobError.noRows("no row lies in the window")) {
      try shop.evaluate(
        model, configuration, on: .times(from: from + 900 * 86_400_000_000, to: nil))
    }
  }

  @Test func `a job that is asked to stop leaves no model and no encoded log`() throws {
    let shop = try Shop("stopped", impressions: 1_000)
    var job = TrainJob(configuration: try shop.configuration())
    job.columnDirectory = "\(shop.folder)/columns"
    #expect(throws: (any Error).self) { try job.run(JobContext(isCancelled: { true })) }
    let columns = try FileManager.default.contentsOfDirectory(atPath: job.columnDirectory)
    #expect(columns.filter { !$0.hasPrefix(".") } == [])
    #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/models"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `runs, what they measured and their models are noted in the database`() throws {
    let shop = try Shop("noted", impressions: 1_000)
    let configuration = try shop.configuration("output.name=noted", "training.epochs=1")
    let training = try shop.train(configuration)
    let evaluation = try shop.evaluate(training.model, configuration)
    var broken = configuration
    broken.features = [broken.features[0]]
    broken.tasks[0].label = "nowhere"
    #expect(throws: (any Error).self) { try shop.train(broken) }

    let runs = try shop.connection.query(
      """
      SELECT kind, state, row_count, error IS NULL, configuration::text LIKE '%postgres%'
      FROM paretorank.runs WHERE model = 'noted' ORDER BY id
      """)
    #expect(
      runs.rows == [
        ["train", "finished", "\(training.rows)", "t", "f"],
        ["evaluate", "finished", "\(evaluation.rows)", "t", "f"],
        ["train", "failed", nil, "f", "f"],
      ])
    let noted = try shop.connection.value(
      """
      SELECT value FROM paretorank.metrics JOIN paretorank.runs ON id = run_id
      WHERE model = 'noted' AND time_window = 'test' AND task = 'click' AND metric = 'auc'
      """)
    #expect(noted.flatMap { Double($0) } == evaluation.tasks["click"]?.auc)
    let model = try shop.connection.value(
      "SELECT path FROM paretorank.models WHERE name = 'noted' AND version = 1")
    #expect(model == training.model)
  }

  @Test(.timeLimit(.minutes(10)))
  func `scores in the database carry the version and digest of their model`() throws {
    let shop = try Shop("carried", impressions: 1_000)
    let configuration = try shop.configuration("output.name=carried", "training.epochs=1")
    let training = try shop.train(configuration)
    _ = try ScoreJob(configuration: configuration, model: training.model).run(JobContext())
    let rows = try shop.connection.query(
      """
      SELECT DISTINCT model_version, model_digest FROM paretorank.current_scored_candidates
      WHERE model = 'carried'
      """
    ).rows
    let registry = Registry(configuration: configuration, context: JobContext())
    let model = try registry.model("carried").model
    #expect(rows == [["1", model.digest]])
    let window = try ModelDescription(opening: training.model).windows["train"]
    #expect(model.dataUntil?.microseconds == window?.to)
    let run = try #require(try registry.runs(kind: .score, model: "carried").runs.first)
    #expect(run.rows ?? 0 > 0)
    #expect(try registry.run(run.id).scores != nil)
  }

  @Test func `a directory that another model needs outlives pruning`() throws {
    let shop = try Shop("shared", impressions: 1_000)
    let configuration = try shop.configuration("output.name=shared", "training.epochs=1")
    let path = try shop.train(configuration).model
    let registry = Registry(configuration: configuration, context: JobContext())
    let books = try Bookkeeping(shop.connection)
    let digest = try registry.model("shared").model.digest
    _ = try books.registerModel(name: "shared", path: path, digest: digest)
    let report = try registry.prune("shared", keeping: 1)
    #expect(report.pruned.map(\.version) == [1])
    #expect(try registry.models(name: "shared").models.map(\.model.version) == [2])
    #expect(FileManager.default.fileExists(atPath: "\(path)/model.json"))
  }
}
