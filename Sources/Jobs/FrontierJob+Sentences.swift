import Foundation
internal import Frontiers
internal import RunConfiguration

extension FrontierJob.Report {
  /// What the numbers say, a sentence each: how many points are on the frontier, where each combiner
  /// stands, and what to train.
  public var sentences: [String] {
    let swept = points.filter(\.isSwept)
    let best = swept.count(where: \.isOnFrontier)
    let stopped = swept.count { $0.stoppedAfter != nil }
    var sentences = [
      "\(best) of \(swept.count) swept points \(best == 1 ? "is" : "are") on the frontier"
        + (stopped > 0 ? "; \(stopped) were given up early" : "")
    ]
    for point in points {
      guard let verdict = point.verdict, let phrase = Self.phrase(verdict) else { continue }
      sentences.append("\(point.name) is \(phrase)")
    }
    for (standing, phrase) in [
      (FrontierVerdict.Standing.on, "on the frontier: no swept point beats"),
      (.withinNoise, "within noise of the swept frontier"),
    ] {
      let names = points.filter { $0.verdict?.standing == standing }.map(\.name)
      guard !names.isEmpty else { continue }
      let object = standing == .on ? (names.count == 1 ? " it" : " them") : ""
      sentences.append(
        "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") \(phrase)\(object)")
    }
    if let conditioned, let share = conditioned.share {
      sentences.append(
        "one conditioned network holds \(Self.percent(share)) of the sweep's hypervolume for "
          + "\(Self.percent(conditioned.costShare)) of its training")
    }
    if let whyNoVerdict { sentences.append("no verdict on combiners: \(whyNoVerdict)") }
    if let pick {
      let conditions = pick.conditions.map { condition in
        "\(condition.task) \(measure == .auc ? "≥" : "≤") \(Self.number(condition.bound))"
      }
      sentences.append(
        "pick \(pick.name): the best for \(pick.goal)"
          + (conditions.isEmpty ? "" : " with " + conditions.joined(separator: ", ")))
      let point = points[pick.point]
      sentences.append("train it by --set 'combiner=\(point.section.yaml)'" + Self.scoring(point))
    }
    return sentences
  }

  /// How to score by a preference of a conditioned network; empty for other points.
  private static func scoring(_ point: FrontierJob.Point) -> String {
    guard !point.isSwept, let weights = point.weights else { return "" }
    let shares = weights.sorted { $0.key < $1.key }
      .map { "\($0.key)=\(String(format: "%.3f", $0.value))" }
    return ", and evaluate and score it by --weights \(shares.joined(separator: ","))"
  }

  /// Of a combiner whose distance says something.
  private static func phrase(_ verdict: FrontierVerdict) -> String? {
    switch verdict.standing {
    case .behind:
      "behind the swept frontier: every task lacks \(number(-verdict.distance))"
    case .beyond:
      "beyond the swept frontier: every task is \(number(verdict.lead)) above a point of it"
    case .on, .withinNoise: nil
    }
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
}
