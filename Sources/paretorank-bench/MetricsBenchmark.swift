import Randomness
import RankingMetrics

/// Ranks many rows: AUC with DeLong's interval, with weights too, order inside groups, and all that
/// a report says of a task.
struct MetricsBenchmark {
  let isQuick: Bool

  func run(_ report: inout Report) throws {
    let rowCount = isQuick ? 1_000_000 : 10_000_000
    var generator = SplitMix64(seed: 1)
    var scores: [Float] = []
    var labels: [UInt8] = []
    for _ in 0..<rowCount {
      let score = Float(generator.uniform())
      scores.append(score)
      labels.append(Float(generator.uniform()) < 0.2 * score ? 1 : 0)
    }
    // Ten rows a request; requests lie together, as they do in a log.
    let requests = (0..<Int64(rowCount)).map { $0 / 10 }
    let area = try Rounds.seconds(isQuick ? 3 : 5) {
      _ = try AUC(scores: scores, labels: labels).interval
    }
    report.add(.metrics, "AUC and DeLong of \(rowCount) rows", "s", area)
    let grouped = try Rounds.seconds(isQuick ? 3 : 5) {
      _ = try GroupedAUC(scores: scores, labels: labels, groups: requests)
    }
    report.add(.metrics, "GAUC of \(rowCount) rows", "s", grouped)
    let weights = scores.map { 1 + $0 }
    let weighted = try Rounds.seconds(isQuick ? 3 : 5) {
      _ = try AUC(scores: scores, labels: labels, weights: weights).interval
    }
    report.add(.metrics, "AUC and DeLong of \(rowCount) weighted rows", "s", weighted)
    let byRequest = try Rounds.seconds(isQuick ? 3 : 5) {
      _ = try RequestMetrics(scores: scores, labels: labels, requests: requests)
    }
    report.add(.metrics, "NDCG, MAP, recall and MRR of \(rowCount) rows", "s", byRequest)
    let all = Rounds.seconds(isQuick ? 3 : 5) {
      _ = TaskMetrics(scores: scores, labels: labels, groups: requests)
    }
    report.add(.metrics, "a task's metrics on \(rowCount) rows", "s", all)
  }
}
