internal import Interactions
internal import RankingMetrics
internal import Training

/// Holds runs with different sets of tasks against each other on the test rows.
struct GainsComparison {
  let pool: TrialPool
  /// The runs of each set of tasks, seeds in the same order.
  let runs: [[String]: [TrialPool.Outcome]]
  /// All tasks, in order.
  let taskNames: [String]
  let level: Double
  let detectable: Double

  /// What `main` gains from `auxiliary`, alone and among the others.
  func gain(of main: String, from auxiliary: String, among auxiliaries: [String]) throws
    -> GainsJob.Gain
  {
    let all = Set(auxiliaries).union([main])
    let windows = runs[ordered(all)]?.compactMap(\.trial).flatMap(\.combining) ?? []
    let pair = CombiningWindow.mean(of: windows)?.pairs
      .first { Set([$0.first, $0.second]) == [main, auxiliary] }
    return GainsJob.Gain(
      main: main, auxiliary: auxiliary,
      alone: try comparison(for: main, from: [main], to: [main, auxiliary]).difference,
      amongAll: all.count > 2
        ? try comparison(for: main, from: all.subtracting([auxiliary]), to: all).difference : nil,
      cosine: pair?.cosine, conflicts: pair?.conflicts)
  }

  /// How `main` fares alone and with all others.
  func summary(of main: String, with auxiliaries: [String]) throws -> GainsJob.MainTask {
    let all = Set(auxiliaries).union([main])
    let labels = pool.data.labels(of: main, in: .test) ?? []
    let positives = labels.count { $0 == 1 }
    let together = try comparison(for: main, from: [main], to: all)
    let (needed, notes) = needs(of: together.auc, labels: labels)
    return GainsJob.MainTask(
      task: main, rows: labels.count { $0 <= 1 }, positives: positives,
      aucAlone: meanAUC(of: main, in: [main]), aucTogether: meanAUC(of: main, in: all),
      together: together.difference, positivesNeeded: needed,
      note: notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  /// The positives that a gain worth telling would need, where the test part has fewer, and what
  /// stands in the way of a verdict.
  private func needs(
    of comparison: Result<SeededDifference, UndefinedMetric>, labels: [UInt8]
  ) -> (positives: Int?, notes: [String]) {
    let positives = labels.count { $0 == 1 }
    let negatives = labels.count { $0 == 0 }
    let rows: SeededDifference
    switch comparison {
    case .success(let difference): rows = difference
    case .failure(let error): return (nil, ["no verdict on the test part: \(error)"])
    }
    var notes: [String] = []
    if rows.bySeed.count == 1 {
      notes.append("one seed: no interval and no verdict; use more seeds")
    }
    let needed: Int?
    if let variance = rows.rowVariance {
      needed = PositivesNeeded.telling(detectable, variance: variance, positives: positives)
    } else {
      notes.append(
        "no interval: the test part has \(positives) positive and \(negatives) negative, two of each "
          + "are needed at least")
      needed = PositivesNeeded.telling(
        detectable, area: Self.usualArea,
        negativesPerPositive: Double(negatives) / Double(positives),
        correlation: Self.usualCorrelation)
    }
    guard let needed, needed > positives else { return (nil, notes) }
    notes.append(
      "\(positives) positives in the test part are too few to tell a gain of \(detectable) reliably: "
        + "about \(needed) would be needed")
    return (needed, notes)
  }

  /// What rankers' AUC is like, and how far two models' agree on a window, where the window is too
  /// short to say.
  private static let usualArea = 0.75
  private static let usualCorrelation = 0.7

  // MARK: Parts

  /// The difference of AUC, or why there is none, and what the report says of it.
  private func comparison(
    for main: String, from fewer: Set<String>, to more: Set<String>
  ) throws -> (auc: Result<SeededDifference, UndefinedMetric>, difference: GainsJob.Difference) {
    let (first, second, labels) = try scores(for: main, fewer, more)
    let auc: SeededDifference
    do throws(UndefinedMetric) {
      auc = try SeededDifference.auc(first: first, second: second, labels: labels)
    } catch {
      return (.failure(error), GainsJob.Difference(verdict: .noEvidence, bySeed: []))
    }
    let loss = try? SeededDifference.logLoss(first: first, second: second, labels: labels)
    let interval = auc.interval(level: level)
    let lossInterval = loss?.interval(level: level)
    var verdict = GainsJob.Verdict.noEvidence
    if let interval {
      if interval.lowerBound > 0 { verdict = .helps }
      if interval.upperBound < 0 { verdict = .hurts }
    }
    let difference = GainsJob.Difference(
      aucGain: auc.value, low: interval?.lowerBound, high: interval?.upperBound, verdict: verdict,
      logLossGain: loss?.value, logLossLow: lossInterval?.lowerBound,
      logLossHigh: lossInterval?.upperBound, bySeed: auc.bySeed)
    return (.success(auc), difference)
  }

  private func scores(
    for main: String, _ fewer: Set<String>, _ more: Set<String>
  ) throws -> (first: [[Float]], second: [[Float]], labels: [UInt8]) {
    func all(_ set: Set<String>) throws -> [[Float]] {
      try (runs[ordered(set)] ?? []).map { try pool.testScores(of: $0, task: main) }
    }
    return (try all(fewer), try all(more), pool.data.labels(of: main, in: .test) ?? [])
  }

  private func meanAUC(of main: String, in set: Set<String>) -> Double? {
    let values = (runs[ordered(set)] ?? []).compactMap { $0.trial?.test[main]?.auc }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func ordered(_ set: Set<String>) -> [String] { taskNames.filter(set.contains) }
}
