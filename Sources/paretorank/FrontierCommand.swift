import ArgumentParser
import Combiners
import Foundation
import Frontiers
import Interactions
import Jobs
import Logging
import RunConfiguration

/// `paretorank frontier`.
struct FrontierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontier",
    abstract: "Sweeps loss weights and finds the models that no other beats.",
    discussion: """
      Trains the configuration once for each of many weights of the tasks' losses, side by side, one \
      run on each core, and marks the points that no other beats on the validation rows. Those, and the \
      named combiners, are then measured on the test rows. A run that was interrupted goes on where \
      it stopped.

      The hypervolume is how much of what is possible above the reference the frontier covers: between \
      two sweeps of one log, the larger is the better choice of models. The verdict on a combiner \
      holds with 95 % confidence against the noise of the seeds, for all swept points at once:

        behind        a swept point is better for every task
        beyond        it is better for every task than one of the sweep's best points
        on            neither: no swept point beats it, it is a trade-off of its own
        within noise  more seeds would be needed to tell

      --pick recommends the point of the frontier that is best for one task among those good enough \
      for others; "0.95 best" is 0.95 times the best value that any point of the frontier has.

        paretorank frontier --points 10 --seeds 3 --combiners pcgrad,famo
        paretorank frontier --method halving --points 30 \\
          --pick "purchase >= 0.95 best, maximise click"
      """)

  /// What a point's training minimises, or both ways.
  enum Scalarisations: String, ExpressibleByArgument, CaseIterable {
    case sum, chebyshev, both

    var kinds: [FrontierJob.Scalarisation] {
      switch self {
      case .sum: [.sum]
      case .chebyshev: [.chebyshev]
      case .both: [.sum, .chebyshev]
      }
    }
  }

  @Option(help: ArgumentHelp("How many weights to try.", valueName: "number"))
  var points = 12

  @Option(
    help: """
      Evenly spaced weights, evenly spaced logarithms of weights, random ones, or evenly spaced \
      ones of which only the promising train to the end.
      """)
  var method: FrontierJob.Method = .lattice

  @Option(help: "Seeds to train each point from; a verdict needs two at least.")
  var seeds = 1

  @Option(
    help: ArgumentHelp(
      "Combiners to train beside the sweep, joined by commas, or all.", valueName: "names"))
  var combiners: String?

  @Option(
    help: """
      Weigh the sum of the losses, or their maximum above each task's best (Chebyshev's), which \
      reaches where the frontier bends inwards.
      """)
  var scalarisation: Scalarisations = .sum

  @Option(help: "What to measure the tasks by.")
  var measure: FrontierJob.Measure = .auc

  @Option(
    help: ArgumentHelp(
      """
      Where the hypervolume begins, a number for each task (default: AUC 0.5, or the log loss of \
      the share of positives).
      """, valueName: "numbers"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Conditions and one goal, such as 'purchase >= 0.95 best, maximise click'.",
      valueName: "rule"))
  var pick: String?

  @Option(
    help: ArgumentHelp(
      "A new file for the configuration of the picked point.", valueName: "file"))
  var pickOutput: String?

  @OptionGroup var pool: PoolOptions

  @OptionGroup var page: ReportOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (2...10_000).contains(points) else {
      throw ValidationError("--points \(points): not a number from 2 to 10000")
    }
    guard (1...100).contains(seeds) else {
      throw ValidationError("--seeds \(seeds): not a number from 1 to 100")
    }
    if pickOutput != nil, pick == nil {
      throw ValidationError("--pick-output takes the point of --pick, which is missing")
    }
  }

  func run() throws {
    let configuration = try common.configuration()
    var job = FrontierJob(configuration: configuration)
    job.points = points
    job.method = method
    job.seeds = seeds
    job.combiners = try namedCombiners(for: configuration)
    job.scalarisations = scalarisation.kinds
    job.measure = measure
    job.reference = try referencePoint(taskCount: configuration.tasks.count)
    job.pick = try pickRule(taskNames: configuration.tasks.map(\.name))
    job.atOnce = pool.atOnce
    job.fresh = pool.fresh
    let chosen = pickOutput.map {
      ChosenConfiguration(
        path: $0, option: "--pick-output", source: common.path ?? CommonOptions.defaultPath,
        overrides: common.overrides)
    }
    try chosen?.checkFree()
    let writer = try page.writer()
    _ = common.database(of: configuration)
    let report = try job.run(common.context)
    try common.write(report) { FrontierTable(report).text }
    try common.write(report.page(of: configuration), by: writer)
    if let reason = report.whyNoPick { throw JobError.badData(reason) }
    if let pick = report.pick, let chosen {
      let command = try chosen.write(
        settings: ["combiner=\(report.points[pick.point].section.yaml)"])
      common.context.logger.info("wrote \(chosen.path); train it by: \(command)")
    }
  }

  // MARK: Arguments

  /// The combiners that are named; `all` are those that can go with the network.
  private func namedCombiners(for configuration: RunConfiguration) throws -> [CombinerKind] {
    guard let combiners else { return [] }
    let fitting = CombinerKind.allCases.filter {
      RunConfiguration.Combiner(kind: $0).problem(with: configuration.network.architecture) == nil
    }
    var kinds: [CombinerKind] = []
    for name in combiners.split(separator: ",", omittingEmptySubsequences: false) {
      let name = name.trimmingCharacters(in: .whitespaces)
      let meant = name == "all" ? fitting : [try CombinerKind.meant(by: name)]
      kinds += meant.filter { !kinds.contains($0) }
    }
    return kinds
  }

  private func referencePoint(taskCount: Int) throws -> [Double]? {
    guard let reference else { return nil }
    let numbers = reference.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    let known = numbers.compactMap(\.self).filter(\.isFinite)
    guard known.count == numbers.count, known.count == taskCount else {
      throw ValidationError(
        "--reference \(reference): not \(taskCount) numbers joined by commas, one for each task")
    }
    return known
  }

  private func pickRule(taskNames: [String]) throws -> PickRule? {
    guard let pick else { return nil }
    do {
      return try PickRule(
        pick, taskNames: taskNames, better: measure == .auc ? .higher : .lower,
        suggestion: { Spelling.nearest(to: $0, among: taskNames) })
    } catch {
      throw ValidationError("--\(error.description)")
    }
  }
}
