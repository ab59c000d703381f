internal import Interactions
public import PostgresLogs
public import ShopSimulation

/// Fills a schema of a database with a simulated shop.
public struct SimulateJob {
  /// Size and nature of the shop.
  public var settings: ShopSettings
  /// The schema to create; one that exists is replaced only where ``replaces`` says so.
  public var schema: String
  /// Drops a schema of this name with all that is in it.
  public var replaces: Bool

  /// A simulation, each time that it is run; equal settings give equal shops.
  public init(settings: ShopSettings = ShopSettings(), schema: String = "shop", replaces: Bool) {
    self.settings = settings
    self.schema = schema
    self.replaces = replaces
  }

  /// What was written.
  public struct Report: Codable, Sendable {
    public var schema: String
    public var users: Int
    public var items: Int
    public var impressions: Int
    public var events: Int
    public var candidates: Int
    public var seconds: Double
  }

  /// Writes the shop in one transaction: all of it is there afterwards, or nothing.
  public func run(on connection: PostgresConnection, context: JobContext) throws -> Report {
    let start = ContinuousClock.now
    let shop = try ShopSimulation(settings: settings)
    var report = Report(
      schema: schema, users: 0, items: 0, impressions: 0, events: 0, candidates: 0, seconds: 0)
    try connection.withTransaction {
      guard try connection.createSchema(schema, replacing: replaces) else {
        throw JobError.exists(
          "schema \(schema) exists already; --replace drops it and all that is in it")
      }
      try connection.run(script: ShopSimulation.schemaSQL)
      report.users = try write(shop.users(), to: .users, connection)
      report.items = try write(shop.items(), to: .items, connection)
      report.candidates = try write(shop.candidates(), to: .candidates, connection)
      _ = try write(shop.logClock(), to: .logClock, connection)
      try writeLog(shop, connection, context, &report)
    }
    try connection.analyse()
    report.seconds = start.duration(to: .now) / .seconds(1)
    return report
  }
}

extension SimulateJob {
  /// Writes impressions, events and true probabilities, chunk after chunk.
  private func writeLog(
    _ shop: ShopSimulation, _ connection: PostgresConnection, _ context: JobContext,
    _ report: inout Report
  ) throws {
    for chunk in shop.log() {
      try context.checkCancelled()
      report.impressions += try write(chunk.impressions, to: .impressions, connection)
      report.events += try write(chunk.events, to: .events, connection)
      _ = try write(chunk.trueProbabilities, to: .trueProbabilities, connection)
      context.onProgress(
        JobProgress(
          stage: "simulating", done: report.impressions, total: settings.impressions))
    }
  }

  private func write(
    _ chunk: RowChunk, to table: ShopTable, _ connection: PostgresConnection
  ) throws -> Int {
    let writer = try CopyWriter(
      connection, table: table.rawValue, columns: table.definition.columns.map(\.name))
    try writer.write(chunk)
    return try writer.finish()
  }
}
