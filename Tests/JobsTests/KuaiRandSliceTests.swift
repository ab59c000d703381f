import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// The slice of a real log in `fixtures/kuairand`: its loader and its configuration.
struct KuaiRandSliceTests {
  private static let fixture = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/kuairand").path

  @Test(.timeLimit(.minutes(10)))
  func `the slice is loaded, checked, trained on and evaluated as its configuration says`() throws {
    try Self.load()
    let folder = NSTemporaryDirectory() + "/paretorank-kuairand-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let configuration = try RunConfiguration.load(
      path: Self.fixture + "/kuairand.yaml",
      overrides: [
        "database=\"\(TestServer.url.get())\"", "training.epochs=1", "training.batch=128",
        "network.expert=[16]", "network.tower=[8]", "output.models=\"\(folder)/models\"",
      ])

    let check = try CheckJob(configuration: configuration).run(JobContext())
    #expect(check.problems == [])
    #expect(check.rows == 4_471)

    var train = TrainJob(configuration: configuration)
    train.columnDirectory = folder + "/columns"
    let model = try train.run(JobContext()).model

    var evaluate = EvaluateJob(model: model, configuration: configuration)
    evaluate.columnDirectory = folder + "/columns"
    let report = try evaluate.run(JobContext())
    #expect(report.rows == check.parts.last?.rows)
    #expect(report.taskNames == ["click", "long_view", "liked", "entered_profile"])
    #expect(try #require(report.tasks["click"]?.auc) > 0.5)
    #expect(report.tasks.values.allSatisfy { $0.auc != nil })
  }

  @Test func `what happened after an impression is no feature`() throws {
    let configuration = try RunConfiguration.load(path: Self.fixture + "/kuairand.yaml")
    let outcomes = [
      "play_time_ms", "click", "long_view", "liked", "followed", "commented", "forwarded", "hated",
      "entered_profile",
    ]
    #expect(configuration.features.allSatisfy { !outcomes.contains($0.column) })
  }

  /// Runs the loader as a user would.
  private static func load() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: fixture + "/load")
    process.arguments = [fixture + "/slice", try TestServer.url.get()]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
