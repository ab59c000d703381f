import ArgumentParser
import Jobs

/// `paretorank gains`.
struct GainsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gains",
    abstract: "Measures what each main task gains or loses from each auxiliary task.",
    discussion: """
      Trains each main task alone, with each auxiliary task, with all, and with all but each one, \
      from several seeds, and compares the models on the test part. Every run has the \
      configuration's network and schedule and one core. Runs are kept in .paretorank/trials: \
      an interrupted command goes on where it stopped.

        paretorank gains --main purchase --seeds 5
      """)

  @Option(
    name: .customLong("main"),
    help: ArgumentHelp(
      "A task whose gain is asked for; repeatable (default: all).", valueName: "task"))
  var mains: [String] = []

  @Option(
    name: .customLong("auxiliary"),
    help: ArgumentHelp(
      "A task that may help or hurt; repeatable (default: all).", valueName: "task"))
  var auxiliaries: [String] = []

  @Option(help: "Trainings of each set of tasks.")
  var seeds = 5

  @Option(
    help: ArgumentHelp(
      "A gain in AUC worth telling: says how many positives the test part would need for it.",
      valueName: "gain"))
  var detectable = 0.01

  @OptionGroup var pool: PoolOptions

  @OptionGroup var page: ReportOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...1_000).contains(seeds) else {
      throw ValidationError("--seeds \(seeds) is not a number from 1 to 1000")
    }
    guard detectable > 0 && detectable < 1 else {
      throw ValidationError("--detectable \(detectable) is not a number between 0 and 1")
    }
  }

  func run() throws {
    let configuration = try common.configuration()
    let writer = try page.writer()
    _ = common.database(of: configuration)
    var job = GainsJob(configuration: configuration)
    job.mains = mains
    job.auxiliaries = auxiliaries
    job.seeds = seeds
    job.detectable = detectable
    job.atOnce = pool.atOnce
    job.fresh = pool.fresh
    let report = try job.run(common.context)
    try common.write(report) { GainsTable(report).text }
    try common.write(report.page(of: configuration), by: writer)
  }
}
