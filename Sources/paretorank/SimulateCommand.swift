import ArgumentParser
import Jobs
import PostgresLogs
import ShopSimulation

/// `paretorank simulate`.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Fills a database with a simulated shop.",
    discussion: """
      The probabilities of click, cart and purchase behind every outcome are known and stored \
      beside the log, so that a model can be held against the best possible one. Equal options \
      give equal shops. Without a configuration the database is that of the PG* variables, else \
      a private server.

        paretorank simulate --impressions 1000000 --agreement=-0.5 --replace
      """)

  @Option(help: "Impressions in the whole log.")
  var impressions = ShopSettings().impressions

  @Option(help: "Users at the start.")
  var users = ShopSettings().users

  @Option(help: "Items at the start.")
  var items = ShopSettings().items

  @Option(help: "Days that the log covers.")
  var days = ShopSettings().days

  @Option(help: "Equal seeds give equal shops.")
  var seed = ShopSettings().seed

  @Option(help: "How far purchases agree with clicks, from -1 to 1.")
  var agreement = ShopSettings().agreement

  @Option(help: "How fast clicks fall with the position, from 0 to 5.")
  var positionBias = ShopSettings().positionBias

  @Option(help: "How far tastes turn in a day, from 0 to 1, where nothing is left of them.")
  var drift = ShopSettings().drift

  @Option(help: "New items a day as a share of those at the start, from 0 to 1.")
  var newItems = ShopSettings().newItemsPerDay

  @Option(help: "The schema to create.")
  var schema = "shop"

  @Flag(help: "Drop the schema and all that is in it if it is there.")
  var replace = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    var settings = ShopSettings()
    settings.impressions = impressions
    settings.users = users
    settings.items = items
    settings.days = days
    settings.seed = seed
    settings.agreement = agreement
    settings.positionBias = positionBias
    settings.drift = drift
    settings.newItemsPerDay = newItems
    let context = common.context
    let connection = try common.database(of: common.configurationIfPresent())
      .connect(isCancelled: context.isCancelled)
    let report = try SimulateJob(settings: settings, schema: schema, replaces: replace)
      .run(on: connection, context: context)
    try common.write(report) {
      TextTable(pairs: [
        ("schema", report.schema), ("users", Text.count(report.users)),
        ("items", Text.count(report.items)), ("impressions", Text.count(report.impressions)),
        ("events", Text.count(report.events)), ("candidates", Text.count(report.candidates)),
        ("seconds", Text.number(report.seconds, digits: 1)),
      ]).text
    }
  }
}
