import Foundation
public import Tuning

extension TuneJob {
  /// What a search came to.
  public struct Report: Codable, Sendable {
    /// In the order of the configuration.
    public var taskNames: [String]
    public var objective: Objective
    public var method: Search.Method
    /// Of the search.
    public var seed: UInt64
    /// What the best few were trained from; all others from the first.
    public var seeds: [UInt64]
    /// Which rows trained and chose.
    public var data: DataSummary
    /// The keys that were searched.
    public var paths: [String]
    /// Validation AUC of networks that share nothing, by task, the mean over ``seeds``; nil where the
    /// objective doesn't need it.
    public var alone: [String: Double]?
    /// By number: the configuration as it stands, then the points that were tried.
    public var trials: [Entry]
    /// The number of the chosen one.
    public var best: Int
    /// Of the chosen one, by task; nil unless it was asked for.
    public var test: [String: FrontierJob.Measured]?
    /// Of all runs, each on one core; of those that were given up, the longest.
    public var trainingSeconds: Double
    /// From beginning to end; less where runs were kept from before.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
      case objective, method, seed, seeds, data, paths, trials, best, test, seconds
      case taskNames = "task_names"
      case alone = "single_task"
      case trainingSeconds = "training_seconds"
    }
  }

  /// One trial.
  public struct Entry: Codable, Sendable {
    public var number: Int
    /// Values as `--set` takes them, by path; none for the configuration as it stands.
    public var settings: [String: String]
    /// What `network.architecture: auto` brings beside the architecture that was searched, as `--set`
    /// takes it; empty where the configuration names one or the trial leaves it open.
    public var automatic: [String]
    /// By task; empty where training failed.
    public var validation: [String: FrontierJob.Measured]
    /// The mean over its seeds, in the objective's unit; nil where training failed.
    public var objective: Double?
    /// Nil for one seed.
    public var objectiveError: Double?
    /// How many it was trained from.
    public var seeds: Int
    /// Epochs after which it was given up; nil where it trained to the end.
    public var stoppedAfter: Int?
    /// Why a run failed; nil where none did.
    public var failure: String?

    enum CodingKeys: String, CodingKey {
      case number, settings, automatic, validation, objective, seeds, failure
      case objectiveError = "objective_error"
      case stoppedAfter = "stopped_after"
    }
  }
}

extension TuneJob.Report {
  /// A trial's settings as `--set` takes them: those that were searched, in the order of ``paths``, then
  /// what it has of an automatic network, which a whole map that was searched would else replace.
  public func settings(of trial: TuneJob.Entry) -> [String] {
    paths.compactMap { path in trial.settings[path].map { "\(path)=\($0)" } } + trial.automatic
  }

  /// Trials that trained to the end, the best first; the chosen one leads.
  public var ranking: [TuneJob.Entry] {
    let values = trials.map { trial in
      trial.stoppedAfter == nil ? trial.objective.map { objective.sign * $0 } : nil
    }
    let order = SearchOrder.best(of: values).filter { values[$0] != nil && $0 != best }
    return ([best] + order).map { trials[$0] }
  }

  /// What the numbers say, a sentence each.
  public var sentences: [String] {
    let failed = trials.count { $0.failure != nil || $0.objective == nil }
    let stopped = trials.count { $0.stoppedAfter != nil }
    var sentences = [
      "the objective is \(objective.text), on the validation rows"
        + (alone == nil
          ? "" : "; single-task networks were trained from \(Self.count(seeds.count, "seed"))")
    ]
    if stopped > 0 { sentences.append("\(Self.count(stopped, "trial")) given up early") }
    if failed > 0 {
      sentences.append("\(Self.count(failed, "trial")) failed and counted as the worst")
    }
    if best == 0 {
      sentences.append("nothing that was tried is better than the configuration as it stands")
    } else {
      let sets = settings(of: trials[best]).map { "--set '\($0)'" }.joined(separator: " ")
      sentences.append(
        "the best is this configuration with \(sets); training.workers=1 repeats it to the bit")
      sentences.append(
        seeds.count == 1
          ? "the validation rows chose it among \(trials.count - 1) by one seed, so some of its lead is "
            + "luck; --seeds 3 tells more"
          : "the validation rows chose it among \(trials.count - 1), so some of its lead is luck")
    }
    return sentences
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
