import Foundation
import Testing

struct TuneCommandTests {
  private static let searches = [
    "--search", "optimizer.learning_rate=log:1e-4..1e-1", "--search",
    "network.architecture=mmoe,shared_bottom", "--search", "training.epochs=1..3",
  ]

  private func run(_ place: Workplace, _ arguments: [String]) throws -> CommandResult {
    try place.finish(place.start([Workplace.binary, "tune"] + arguments))
  }

  /// Whether a number of the document is another one, but for what decimals and their order of summation
  /// lose.
  private static func isNear(_ found: Any?, _ expected: Double?) -> Bool {
    guard let found = found as? Double, let expected else { return false }
    return abs(found - expected) < 1e-12
  }

  /// The document without what differs from run to run.
  private func timeless(_ result: CommandResult) throws -> NSDictionary {
    var document = try result.json()
    for key in ["seconds", "training_seconds"] { #expect(document.removeValue(forKey: key) != nil) }
    return document as NSDictionary
  }

  @Test(.timeLimit(.minutes(10)))
  func `a search over a shop that was killed goes on to the same end`() throws {
    let place = try Workplace("cli_tune")
    let simulated = try place.run(
      "simulate", "--schema", "cli_tune_shop", "--impressions", "3000", "--users", "200", "--items",
      "50", "--days", "10", "--replace")
    try #require(simulated.status == 0, "\(simulated.errors)")
    try place.write(
      try place.text("paretorank.yaml")
        .replacing("cli_tune.log", with: "cli_tune_shop.labelled_impressions")
        .replacing("label: bought", with: "label: carted"), to: "paretorank.yaml")
    let arguments =
      Self.searches + ["--trials", "18", "--seeds", "2", "--format", "json"]
    let whole = try run(place, arguments + ["--write", "whole.yaml"])
    #expect(whole.status == 0)
    try FileManager.default.removeItem(atPath: place.folder + "/.paretorank/trials")
    for round in 0..<2 {
      let process = try place.start([Workplace.binary, "tune"] + arguments)
      while process.isRunning, try trialCount(place) < 4 + 8 * round { usleep(2_000) }
      kill(process.processIdentifier, SIGKILL)
      #expect(try place.finish(process).output == "")
      #expect(process.terminationReason == .uncaughtSignal)
    }
    let killed = try run(place, arguments + ["--write", "killed.yaml"])
    #expect(killed.status == 0)
    #expect(killed.errors.contains("are kept from before"))
    #expect(try timeless(killed) == timeless(whole))
    #expect(try place.text("killed.yaml") == place.text("whole.yaml"))
  }

  /// Trials that have ended.
  private func trialCount(_ place: Workplace) throws -> Int {
    let folder = place.folder + "/.paretorank/trials"
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    guard let name = files.first(where: { $0.hasSuffix("trials.jsonl") }) else { return 0 }
    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    return text.split(separator: "\n").count
  }

  @Test(.timeLimit(.minutes(10)))
  func `the document has what scripts rely on, and what was chosen can be trained`() throws {
    let place = try Workplace("cli_tune_document")
    let text = try place.text("paretorank.yaml")
    try place.write("# mine\n" + text + "# the end\n", to: "paretorank.yaml")
    let result = try run(
      place,
      Self.searches + [
        "--trials", "6", "--method", "random", "--objective", "mean-log-loss", "--format", "json",
        "--write", "chosen.yaml", "--set", "optimizer.learning_rate=1e-9",
        "--set", "network={experts: 3, expert: [4], tower: []}",
      ])
    #expect(result.status == 0)
    let document = try result.json()
    #expect(document["objective"] as? String == "mean-log-loss")
    #expect(document["single_task"] == nil)
    #expect(document["test"] == nil)
    let trials = try #require(document["trials"] as? [[String: Any]])
    #expect(trials.count == 7)
    for (number, trial) in trials.enumerated() {
      #expect(trial["number"] as? Int == number)
      let settings = try #require(trial["settings"] as? [String: String])
      #expect(settings.count == (number == 0 ? 0 : 3))
      let validation = try #require(trial["validation"] as? [String: [String: Any]])
      let losses = ["click", "purchase"].compactMap { validation[$0]?["log_loss"] as? Double }
      #expect(Self.isNear(trial["objective"], losses.reduce(0, +) / 2))
    }
    let best = try #require(document["best"] as? Int)
    let objectives = trials.compactMap { $0["objective"] as? Double }
    #expect(objectives[best] == objectives.min())
    #expect(best > 0)
    let chosen = try place.text("chosen.yaml")
    #expect(chosen.hasPrefix("# mine\n") && chosen.contains("# the end\n"))
    let settings = try #require(trials[best]["settings"] as? [String: String])
    let rate = try #require(settings["optimizer.learning_rate"])
    #expect(chosen.contains("learning_rate: \(rate)"))
    #expect(chosen.contains("\nnetwork: {experts: 3, expert: [4], tower: [], architecture: "))
    // The command line's value must not take the chosen one back.
    #expect(result.errors.hasSuffix("train it by: paretorank train --config chosen.yaml\n"))
    #expect(try place.run("train", "--config", "chosen.yaml").status == 0)
    let taken = try run(place, Self.searches + ["--write", "chosen.yaml"])
    #expect(taken.status == 64)
    #expect(
      taken.problems == ["error: chosen.yaml is there already; --write takes a new file"])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a space of fewer points than trials is tried whole`() throws {
    let place = try Workplace("cli_tune_small")
    let result = try run(
      place,
      [
        "--search", "network.architecture=omoe,auto", "--trials", "6", "--objective", "mean-auc",
        "--format", "json", "--set", "training.epochs=1",
      ])
    #expect(result.status == 0)
    #expect(result.errors.contains("the space has only 2 points; all are tried"))
    // What one of the choices stands for here.
    #expect(result.errors.contains("network.architecture auto is "))
    let trials = try #require(try result.json()["trials"] as? [[String: Any]])
    let tried = trials.compactMap { ($0["settings"] as? [String: String])?["network.architecture"] }
    #expect(trials.count == 3 && Set(tried) == ["omoe", "auto"])
  }

  @Test(.timeLimit(.minutes(10)))
  func `the winner alone is told on the test rows, where that is asked`() throws {
    let place = try Workplace("cli_tune_test")
    let result = try run(
      place,
      ["--search", "network.dropout=0..0.5", "--trials", "3", "--format", "json", "--test"])
    #expect(result.status == 0)
    let document = try result.json()
    let test = try #require(document["test"] as? [String: [String: Any]])
    #expect(test["click"]?["auc"] is Double)
    let alone = try #require(document["single_task"] as? [String: Double])
    let trials = try #require(document["trials"] as? [[String: Any]])
    for trial in trials {
      let validation = try #require(trial["validation"] as? [String: [String: Any]])
      let gains = alone.map { ((validation[$0.key]?["auc"] as? Double) ?? .nan) - $0.value }
      #expect(Self.isNear(trial["objective"], gains.min()))
      #expect(trial["test"] == nil)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `what an automatic network stands for is in every trial and in what is written`() throws {
    let place = try Workplace("cli_tune_automatic")
    let result = try run(
      place,
      [
        "--set", "network.architecture=auto", "--set", "training.batch=8",
        "--set", "optimizer.learning_rate=1e-9", "--search", "optimizer.learning_rate=0.01,0.02",
        "--search", "network.architecture=mmoe,stem",
        "--search", "optimizer.kind=adam,sgd", "--method", "random", "--trials", "4", "--objective",
        "mean-log-loss", "--format", "json",
        "--write", "chosen.yaml",
      ])
    #expect(result.status == 0)
    let trials = try #require(try result.json()["trials"] as? [[String: Any]])
    #expect(trials.allSatisfy { $0["failure"] == nil })
    for trial in trials {
      let settings = try #require(trial["settings"] as? [String: String])
      let isAdam = settings["optimizer.kind"] == "adam"
      #expect(
        trial["automatic"] as? [String]
          == (settings.isEmpty ? [] : ["training.weight_average=0.25"])
          + (isAdam
            ? ["optimizer.embeddings.beta1=0.0", "optimizer.embeddings.row_decay=0.1"] : []))
    }
    let best = try #require(try result.json()["best"] as? Int)
    let settings = try #require(trials[best]["settings"] as? [String: String])
    let chosen = try place.text("chosen.yaml")
    #expect(best > 0 && chosen.contains("weight_average: 0.25"))
    #expect(chosen.contains("row_decay: 0.1") == (settings["optimizer.kind"] == "adam"))
    #expect(try place.run("train", "--config", "chosen.yaml").status == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `what it stands for is beside whole maps that are searched`() throws {
    let place = try Workplace("cli_tune_automatic_maps")
    let result = try run(
      place,
      [
        "--set", "network.architecture=auto", "--set", "optimizer.learning_rate=1e-9",
        "--search", "network={architecture: stem},{architecture: mmoe}",
        "--search", "optimizer={learning_rate: 0.01},{learning_rate: 0.02}",
        "--search", "training={batch: 8, workers: 1},{batch: 8, workers: 1, weight_average: 0.5}",
        "--method", "random", "--trials", "8", "--objective", "mean-log-loss", "--format", "json",
        "--write", "chosen.yaml",
      ])
    #expect(result.status == 0, "\(result.problems)")
    #expect(try result.json()["best"] as? Int != 0)
    let chosen = try place.text("chosen.yaml")
    #expect(chosen.contains("weight_average: ") && chosen.contains("row_decay: 0.1"))
    #expect(chosen.contains("batch: 8"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `halving gives up on most`() throws {
    let place = try Workplace("cli_tune_halving")
    let result = try run(
      place,
      [
        "--search", "optimizer.learning_rate=log:1e-4..1e-1", "--method", "halving", "--trials",
        "9", "--set", "training.epochs=3", "--format", "json",
      ])
    #expect(result.status == 0)
    let trials = try #require(try result.json()["trials"] as? [[String: Any]])
    #expect(trials.count { $0["stopped_after"] as? Int == 1 } == 6)
    // Three of the nine, and the configuration as it stands.
    #expect(trials.count { $0["stopped_after"] == nil } == 4)
    let best = try #require(try result.json()["best"] as? Int)
    #expect(trials[best]["stopped_after"] == nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a trial that fails is told and counts as the worst`() throws {
    let place = try Workplace("cli_tune_failing")
    let result = try run(
      place,
      [
        "--search", "optimizer.learning_rate=0.001,10", "--set",
        "optimizer={kind: sgd, learning_rate: 0.001, weight_decay: 1}", "--set",
        "training.epochs=40", "--method", "random", "--trials", "6",
      ])
    #expect(result.status == 0)
    #expect(result.problems.contains { $0.contains("failed and counts as the worst: ") })
    #expect(result.output.contains("failed and counted as the worst"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a search that is stopped says how it goes on`() throws {
    let place = try Workplace("cli_tune_stopped")
    let process = try place.start(
      [
        Workplace.binary, "tune", "--search", "network.dropout=0..0.5", "--set",
        "training.epochs=10000",
      ])
    while process.isRunning, try !place.text("err").contains("single-task networks to") {
      usleep(20_000)
    }
    kill(process.processIdentifier, SIGINT)
    let result = try place.finish(process)
    #expect(result.status == 1)
    #expect(
      result.problems == [
        "error: stopped on request; the same command goes on from the trials that have ended"
      ])
  }

  private static let mistakes: [([String], String)] = [
    (["--trials", "0"], "--trials 0: not a number from 1 to 10000"),
    (["--write", "/nowhere/t.yaml"], "--write /nowhere/t.yaml: /nowhere is no folder to write to"),
    (["--search", "network.dropout"], "--search network.dropout: not path=values"),
    (["--search", "network.dropout=0.5..0.1"], "the first end must be below the second"),
    (["--search", "network.dropout=0..1"], "--search network.dropout: 1 does not fit: 1 is not"),
    (["--search", "network.dropuot=0..0.5"], "unknown key"),
    (
      ["--search", "network.architecture=mmoe,pel"],
      "pel does not fit: \"pel\" is not one of"
    ),
    (
      ["--search", "combiner.kind=static,metabalance"],
      "the others; whole maps may be a choice, as in --search 'combiner={kind: metabalance, …},{…}'"
    ),
    (["--search", "features.0.dimension=2..8"], "all trials train on the same encoded rows"),
    (["--search", "split.train=1..4"], "all trials train on the same encoded rows"),
    (["--search", "split.validation=1 day,2 days"], "all trials train on the same encoded rows"),
    (["--search", "training.seed=1..9"], "the best seed is luck"),
    (["--search", "training={seed: 1},{seed: 2}"], "it changes training.seed: the best seed is"),
    (["--search", "training.workers=1..4"], "each trial trains with one thread"),
    (["--search", "training.calibration=platt,isotonic"], "before their scores are calibrated"),
    (
      ["--search", "training.epochs=1..3", "--method", "halving"],
      "halving decides how long to train"
    ),
    (["--method", "halving", "--set", "training.epochs=1"], "there is only one"),
    (
      ["--search", "network.dropout=0..0.5", "--search", "network.dropout=0..0.1"],
      "--search network.dropout: stands there twice"
    ),
    (["--method", "grid"], "The value 'grid' is invalid"),
  ]

  @Test func `what can't be searched is one line`() throws {
    let place = try Workplace("cli_tune_bad")
    for (arguments, problem) in Self.mistakes {
      let result = try run(place, arguments)
      #expect(result.status == 64, "\(arguments)")
      #expect(result.output == "")
      #expect(result.problems.count == 1, "\(result.problems)")
      #expect(result.problems.first?.contains(problem) == true, "\(result.problems)")
    }
  }
}
