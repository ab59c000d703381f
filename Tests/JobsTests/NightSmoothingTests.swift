import Foundation
import Jobs
import PostgresLogs
import RunConfiguration
import Testing

/// What a night draws labels to: the rates of the labels that train.
struct NightSmoothingTests {
  @Test(.timeLimit(.minutes(5)))
  func `labels that don't train yet smooth nothing`() throws {
    let smoothed = try weights("night_smoothed", smoothing: 0.5)
    // Purchases of these rows are still waited for while their clicks already train.
    let isWaiting = """
      shown_at >= (SELECT max(shown_at) FROM log, clock WHERE shown_at <= at - interval '1 day')
        - interval '1 day'
      """
    let waiting = try weights("night_waiting", smoothing: 0.5, buyingWhere: isWaiting)
    #expect(waiting == smoothed)
    let bought = try weights("night_bought", smoothing: 0.5, buyingWhere: "NOT \(isWaiting)")
    #expect(bought != smoothed)
    #expect(try weights("night_plain", smoothing: nil) != smoothed)
  }

  /// The weights of a first night on a log where everything was purchased in some rows.
  private func weights(
    _ schema: String, smoothing: Double?, buyingWhere condition: String = "false"
  ) throws -> Data {
    let log = try GrowingLog(schema, days: 0..<6)
    try log.connection.execute("UPDATE log SET purchased = true WHERE \(condition)")
    var configuration = try log.configuration(
      "network.expert=[8]", "network.tower=[4]", "nightly.holdout=0")
    configuration.tasks[1].labelSmoothing = smoothing
    var job = NightlyJob(configuration: configuration)
    job.directory = log.folder
    job.forceReason = "a test of smoothing"
    #expect(try job.run(JobContext()).state == .published)
    let path = try log.connection.value(
      "SELECT path FROM paretorank.models WHERE name = $1", [schema])
    let model = try #require(path)
    return try Data(contentsOf: URL(fileURLWithPath: "\(model)/weights.safetensors"))
  }
}
