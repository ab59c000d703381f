import Foundation
import Interactions
import Jobs
import Optimizers
import PostgresLogs
import RunConfiguration
import Synchronization
import Testing

struct TrialPoolTests {
  private static func pool(
    _ shop: Shop, _ configuration: RunConfiguration, _ context: JobContext = JobContext(),
    atOnce: Int? = nil
  ) throws -> TrialPool {
    let data = try TrainingData(
      configuration, context: JobContext(), columnDirectory: "\(shop.folder)/columns")
    return try TrialPool(
      data, context: context, directory: "\(shop.folder)/trials", atOnce: atOnce)
  }

  /// A context that counts the steps it is told of, and asks for an end after some.
  private static func counting(
    _ steps: @escaping @Sendable (Int) -> Void = { _ in }, endAfter limit: Int = .max
  ) -> JobContext {
    let most = Mutex(0)
    return JobContext(
      onProgress: { progress in
        most.withLock { $0 = max($0, progress.done) }
        steps(progress.done)
      }, isCancelled: { most.withLock { $0 >= limit } })
  }

  @Test(.timeLimit(.minutes(10)))
  func `a run in the pool is the run that training alone would be`() throws {
    let shop = try Shop("pooled", impressions: 1_500)
    let configuration = try shop.configuration("training.workers=1", "training.epochs=1")
    let outcomes = try Self.pool(shop, configuration).run([configuration, configuration])
    let model = try shop.train(configuration, to: "alone").model
    let alone = try shop.evaluate(model, configuration).tasks
    #expect(outcomes.count == 2)
    for outcome in outcomes { #expect(outcome.trial?.test == alone) }
  }

  @Test(.timeLimit(.minutes(10)))
  func `side by side and one after another give the same numbers`() throws {
    let shop = try Shop("pooled_order", impressions: 1_500)
    let base = try shop.configuration("training.epochs=1")
    let runs = (0..<4).map { seed in
      var run = base
      run.training.seed = UInt64(seed)
      return run
    }
    let together = try Self.pool(shop, base, atOnce: 4).run(runs).map { $0.trial?.test }
    try FileManager.default.removeItem(atPath: "\(shop.folder)/trials")
    let inTurn = try Self.pool(shop, base, atOnce: 1).run(runs).map { $0.trial?.test }
    #expect(together == inTurn)
    #expect(together[0] != together[1])
  }

  @Test(.timeLimit(.minutes(10)))
  func `what was trained is kept, also when the whole was interrupted`() throws {
    let shop = try Shop("pooled_again", impressions: 1_500)
    let base = try shop.configuration("training.epochs=1")
    let runs = (0..<3).map { seed in
      var run = base
      run.training.seed = UInt64(seed)
      return run
    }
    let steps = Mutex(0)
    let whole = Self.counting { count in steps.withLock { $0 = max($0, count) } }
    let first = try Self.pool(shop, base, whole, atOnce: 1).run(runs)
    let all = steps.withLock { $0 }
    #expect(all > 0)
    try FileManager.default.removeItem(atPath: "\(shop.folder)/trials")

    let cut = Self.counting(endAfter: all * 2 / 3)
    #expect(throws: JobError.cancelled) {
      try Self.pool(shop, base, cut, atOnce: 1).run(runs)
    }
    steps.withLock { $0 = 0 }
    let again = try Self.pool(shop, base, whole, atOnce: 1).run(runs)
    let rest = steps.withLock { $0 }
    #expect(rest < all && rest > 0)
    #expect(again.map { $0.trial?.test } == first.map { $0.trial?.test })

    // A crash in the middle of a line costs that run alone.
    let ledger = try #require(
      FileManager.default.subpathsOfDirectory(atPath: "\(shop.folder)/trials")
        .first { $0.hasSuffix("trials.jsonl") })
    let file = try #require(FileHandle(forUpdatingAtPath: "\(shop.folder)/trials/\(ledger)"))
    try file.truncate(atOffset: try file.seekToEnd() - 20)
    try file.close()
    steps.withLock { $0 = 0 }
    let mended = try Self.pool(shop, base, whole, atOnce: 1).run(runs)
    #expect(steps.withLock { $0 } == all / 3)
    #expect(mended.map { $0.trial?.test } == first.map { $0.trial?.test })
    steps.withLock { $0 = 0 }
    _ = try Self.pool(shop, base, whole, atOnce: 1).run(runs)
    #expect(steps.withLock { $0 } == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `some of the tasks are trained as if the others were not there`() throws {
    let shop = try Shop("pooled_tasks", impressions: 1_500)
    let both = try shop.configuration("training.epochs=1", "training.workers=1")
    var one = both
    one.tasks = [both.tasks[1]]
    one.tasks[0].after = nil
    let pool = try Self.pool(shop, both)
    let outcome = try pool.run([one], keepingScores: true)[0]
    let model = try shop.train(one, to: "one").model
    #expect(outcome.trial?.test == (try shop.evaluate(model, one).tasks))
    let scores = try pool.testScores(of: outcome, task: "purchase")
    #expect(scores.count == pool.data.rowCount(of: .test))
    #expect(throws: JobError.self) { try pool.testScores(of: outcome, task: "click") }
    // Scores that somebody removed are trained for again, not passed over.
    for file in try Self.files(shop) where file.hasSuffix(".scores") {
      try FileManager.default.removeItem(atPath: file)
    }
    #expect(throws: JobError.self) { try pool.testScores(of: outcome, task: "purchase") }
    let again = try pool.run([one], keepingScores: true)[0]
    #expect(try pool.testScores(of: again, task: "purchase") == scores)
  }

  private static func files(_ shop: Shop) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(shop.folder)/trials")
      .map { "\(shop.folder)/trials/\($0)" }
  }

  @Test(.timeLimit(.minutes(10)))
  func `runs on other rows are other runs, whatever the query says`() throws {
    let shop = try Shop("pooled_rows", impressions: 1_500)
    let configuration = try shop.configuration("training.epochs=1")
    func digest(fresh: Bool = false) throws -> String {
      try TrainingData(
        configuration, context: JobContext(), columnDirectory: "\(shop.folder)/columns",
        fresh: fresh
      ).digest
    }
    let first = try digest()
    #expect(try digest() == first)
    #expect(try digest(fresh: true) == first)
    try shop.connection.execute("UPDATE pooled_rows.items SET price = price + 1 WHERE item_id = 3")
    #expect(try digest(fresh: true) != first)
  }

  @Test(.timeLimit(.minutes(10)))
  func `older data sets' results are removed, but nobody's who uses them, and nothing else`() throws
  {
    let shop = try Shop("pooled_old", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let directory = "\(shop.folder)/trials"
    let files = FileManager.default
    for number in 1...6 {
      let folder = "\(directory)/000000000000000\(number)"
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: "\(folder)/trials.jsonl"))
      try files.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000 * Double(number))],
        ofItemAtPath: "\(folder)/trials.jsonl")
    }
    try files.createDirectory(atPath: "\(directory)/mine", withIntermediateDirectories: true)
    let used = try #require(
      FileHandle(forReadingAtPath: "\(directory)/0000000000000001/trials.jsonl"))
    #expect(flock(used.fileDescriptor, LOCK_SH) == 0)
    let pool = try Self.pool(shop, configuration)
    let left = try files.contentsOfDirectory(atPath: directory).sorted()
    #expect(
      left
        == [
          "0000000000000001", "0000000000000004", "0000000000000005", "0000000000000006", "mine",
          pool.data.digest,
        ].sorted())
    try used.close()
  }

  @Test(.timeLimit(.minutes(10)))
  func `a run that fails is told, and the others go on`() throws {
    let shop = try Shop("pooled_failing", impressions: 1_500)
    let good = try shop.configuration("training.epochs=1")
    var bad = try shop.configuration("training.epochs=3", "optimizer={kind: sgd}")
    bad.optimizer.rule = Optimizer(kind: .sgd, learningRate: 1e38)
    let outcomes = try Self.pool(shop, good).run([bad, good])
    #expect(outcomes[0].trial == nil)
    #expect(outcomes[0].failure != nil)
    #expect(outcomes[1].trial != nil)
  }
}
