import DatabaseTestSupport
import Foundation
import Jobs
import PostgresLogs
import RunConfiguration
import Synchronization
import Testing

/// One run at a time works on the models of a name.
struct LockTests {
  /// What a run came to that began during another.
  private final class Attempt: Sendable {
    let error = Mutex<JobError?>(nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a second run is told who holds the model`() throws {
    let shop = try Shop("locked", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration).model
    let attempt = Attempt()
    let context = JobContext(onProgress: { progress in
      guard progress.stage == "epoch 1/1" else { return }
      let second = ScoreJob(configuration: configuration, model: model)
      do { _ = try second.run(JobContext()) } catch {
        attempt.error.withLock { $0 = error as? JobError }
      }
    })
    var job = TrainJob(configuration: configuration)
    job.columnDirectory = "\(shop.folder)/columns"
    _ = try job.run(context)
    guard case .locked("locked", let holder?) = attempt.error.withLock(\.self) else {
      Issue.record("it wasn't refused")
      return
    }
    #expect(holder.hasPrefix("train, process \(getpid()) on "))
    let scores = try ScoreJob(configuration: configuration, model: model).run(JobContext())
    #expect(scores.written > 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a user who may only read trains, scores into a file, and is locked out like others`()
    throws
  {
    let shop = try Shop("read_only", impressions: 1_000)
    try shop.connection.run(
      script: """
        DROP ROLE IF EXISTS only_reads; CREATE ROLE only_reads LOGIN;
        GRANT USAGE ON SCHEMA read_only TO only_reads;
        GRANT SELECT ON ALL TABLES IN SCHEMA read_only TO only_reads;
        """)
    defer { _ = try? shop.connection.run(script: "DROP OWNED BY only_reads; DROP ROLE only_reads") }
    let url = try TestServer.url.get()
    let user = try #require(url.firstMatch(of: /\/\/(\w+)@/)?.1)
    let configuration = try shop.configuration(
      "training.epochs=1", "database=\(url.replacing("//\(user)@", with: "//only_reads@"))",
      "scoring.to={file: \"\(shop.folder)/scores.csv\"}")
    let model = try shop.train(configuration).model
    #expect(try ScoreJob(configuration: configuration, model: model).run(JobContext()).written > 0)
    #expect(try shop.connection.lock(job: "model read_only"))
    #expect(throws: JobError.locked(model: "read_only", holder: nil)) {
      try shop.train(configuration)
    }
  }
}
