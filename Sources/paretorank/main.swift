import Foundation
import Jobs
import Logging
import PostgresLogs
import RunConfiguration
import ShopSimulation

// Thin try-out, replaced by the command.
let args = Array(CommandLine.arguments.dropFirst())
var context = JobContext()
context.logger.logLevel = .info
func show(_ value: some Encodable) {
  let e = JSONEncoder(); e.outputFormatting = [.prettyPrinted, .sortedKeys]
  if let d = try? e.encode(value) { print(String(decoding: d, as: UTF8.self)) }
}
do {
  switch args[0] {
  case "simulate":
    var settings = ShopSettings()
    if args.count > 1, let n = Int(args[1]) { settings.impressions = n }
    let c = try DatabaseLocation(configuration: nil).connect()
    show(try SimulateJob(settings: settings, replaces: true).run(on: c, context: context))
  case "train":
    let config = try RunConfiguration.load(path: args[1], overrides: Array(args.dropFirst(2)))
    show(try TrainJob(configuration: config).run(context))
  case "evaluate":
    let config = try RunConfiguration.load(path: args[1])
    show(try EvaluateJob(model: ModelNames.newest(config.output) ?? "", configuration: config).run(context))
  case "score":
    let config = try RunConfiguration.load(path: args[1])
    show(try ScoreJob(configuration: config, model: ModelNames.newest(config.output) ?? "").run(context))
  default: print(ConfigurationTemplate.shop)
  }
} catch { print("error: \(error)") }
