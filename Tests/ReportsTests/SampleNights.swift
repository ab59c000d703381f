import Foundation
import Gates
import Jobs
import RankingMetrics

extension NightlySummary {
  /// Made-up nights: the tenth, the twentieth and so on failed, every seventh was refused.
  static func sample(nights: Int = 30, model: String = "shop") -> NightlySummary {
    var former: DriftProfile?
    let runs = (1...max(nights, 1)).map { night -> Run in
      if night % 10 == 0 && night < nights { return .failed(night) }
      let run = Run.measured(night, since: former, isRefused: night % 7 == 0 || night == 30)
      former = run.drift
      return run
    }
    return NightlySummary(model: model, runs: Array(runs.prefix(nights)))
  }
}

extension NightlySummary.Run {
  /// A run that got no further than its first stage.
  static func failed(_ night: Int) -> Self {
    NightlySummary.Run(
      number: Int64(night), started: start(night), state: .failed,
      reason: "the server closed the connection: try again, or raise limits.retry",
      stages: [.init(name: "check", seconds: 0.4)])
  }

  static func measured(_ night: Int, since former: DriftProfile?, isRefused: Bool) -> Self {
    let wave = sin(Double(night))
    let tasks = ["click", "add_to_cart", "purchase"].enumerated().map { index, name in
      let before = 0.72 + 0.03 * Double(index) + 0.004 * wave
      let auc = isRefused && index == 2 ? before - 0.02 : before + 0.001 * wave
      var current = metrics(before, index)
      current.calibration = 1.04
      return NightlySummary.Task(name: name, candidate: metrics(auc, index), current: current)
    }
    let drift = profile(night, wave)
    let gate = Gate(settings: GateSettings())
    let verdict = gate.verdict(
      tasks: tasks.map { task in
        let change = (task.candidate?.auc ?? 0) - (task.current?.auc ?? 0)
        return TaskEvidence(
          task: task.name, candidate: task.candidate ?? metrics(0.5, 0), current: task.current,
          comparison: .difference(change, interval: change - 0.004...change + 0.004))
      },
      drift: DriftCheck(settings: GateSettings())
        .findings(of: drift, since: former))
    return NightlySummary.Run(
      number: Int64(night), started: start(night),
      state: verdict.isPassed ? .published : .refused, reason: verdict.paragraph, rows: drift.rows,
      tasks: tasks,
      stages: [("check", 0.5), ("read", 30), ("train", 120), ("evaluate", 12), ("score", 45)].map {
        NightlySummary.Stage(name: $0.0, seconds: $0.1 * (1 + 0.1 * wave))
      }, drift: drift, verdict: verdict)
  }

  private static func start(_ night: Int) -> Date {
    Date(timeIntervalSince1970: 1_780_000_000 + 86_400 * Double(night))
  }

  private static func metrics(_ auc: Double, _ task: Int) -> TaskMetrics {
    var metrics = TaskMetrics(scores: [], labels: [])
    metrics.rows = 30_000
    metrics.positives = [3_000, 600, 150][task]
    metrics.auc = auc
    metrics.aucLow = auc - 0.005 * Double(task + 1)
    metrics.aucHigh = auc + 0.005 * Double(task + 1)
    metrics.calibration = 1 + (auc - 0.72) / 3
    metrics.note = nil
    return metrics
  }

  private static func profile(_ night: Int, _ wave: Double) -> DriftProfile {
    let rows = 30_000 + Int(4_000 * wave)
    return DriftProfile(
      rows: rows, days: 1, clustering: 8,
      tasks: zip(["click", "add_to_cart", "purchase"], [0.1, 0.02, 0.005]).map { name, rate in
        DriftProfile.Task(
          name: name, known: rows, positives: Int(Double(rows) * rate * (1 + 0.1 * wave)),
          designEffect: 1.5)
      },
      columns: ["brand", "price"].map {
        DriftProfile.Column(
          name: $0,
          missing: .init(
            $0 == "brand" && night == 30 ? 0.97 : 0.02, effectiveCount: Double(rows) / 8))
      },
      features: (0..<18).map { feature in
        let moved = 1 + Int(400 * (1 + sin(Double(night * (feature + 3)))))
        return DriftProfile.Feature(
          name: feature == 4 ? "a feature with a rather long name" : "feature_\(feature)",
          withoutEmbedding: .init(0.05, effectiveCount: 4_000),
          histogram: .init(edges: [], counts: [1_000 + moved, 1_400, 1_000], designEffect: 2))
      })
  }
}
