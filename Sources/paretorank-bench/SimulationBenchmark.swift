import Jobs
import PostgresLogs
import ShopSimulation

/// Writes a simulated shop into PostgreSQL.
struct SimulationBenchmark {
  let isQuick: Bool

  func run(_ report: inout Report) throws {
    var settings = ShopSettings()
    settings.impressions = isQuick ? 100_000 : 1_000_000
    try TemporaryServer.use { url in
      let connection = try PostgresConnection(url)
      let rounds = try Rounds.seconds(isQuick ? 1 : 3) {
        _ = try SimulateJob(settings: settings, replaces: true).run(
          on: connection, context: JobContext())
      }
      report.add(.simulate, "\(settings.impressions) impressions into PostgreSQL", "s", rounds)
    }
  }
}
