internal import RankingMetrics

/// Decides whether a night's model may take the current one's place.
///
/// A model is held back for what was measured, never for chance: AUC by the interval of the paired
/// difference on the same rows, calibration by the interval that the number of positives leaves,
/// the data as in ``DriftCheck``. What can't be measured doesn't pass.
public struct Gate: Sendable {
  private let settings: GateSettings

  public init(settings: GateSettings) { self.settings = settings }

  /// Judges a night.
  ///
  /// - Parameters:
  ///   - tasks: How each task fares with the new model.
  ///   - drift: What ``DriftCheck`` found; nil where no former night is known.
  /// - Returns: The verdict, with its reasons in words.
  public func verdict(tasks: [TaskEvidence], drift: [GateCheck]?) -> GateVerdict {
    var checks: [GateCheck] = []
    for task in tasks {
      checks.append(positives(task))
      checks.append(auc(task))
      checks.append(calibration(task))
    }
    checks += drift ?? []
    let words = GateWords(
      checks: checks, tasks: tasks, isDriftKnown: drift?.isEmpty == false,
      evidence: settings.evidence)
    let isPassed = checks.allSatisfy(\.passed)
    return GateVerdict(
      checks: checks, isPassed: isPassed, paragraph: isPassed ? words.passed : words.refused)
  }

  private func positives(_ task: TaskEvidence) -> GateCheck {
    GateCheck(
      .positives, of: task.task, value: Double(task.candidate.positives),
      limit: Double(settings.minimumPositives),
      passed: task.candidate.positives >= settings.minimumPositives)
  }

  /// By the paired difference; without a current model, AUC has only to be there.
  private func auc(_ task: TaskEvidence) -> GateCheck {
    var check = GateCheck(
      .auc, of: task.task, value: nil, limit: -settings.tolerance, tonight: task.candidate.auc,
      former: task.current?.auc, passed: false)
    guard let auc = task.candidate.auc, auc.isFinite else {
      check.tonight = nil
      check.note = task.candidate.note ?? "it is not a number"
      return check
    }
    switch task.comparison {
    case .noModel:
      check.passed = true
      check.note = "there is no current model"
    case .newTask:
      check.passed = true
      check.note = "the current model doesn't have this task"
    case .undefined(let reason): check.note = reason
    case .difference(let value, let interval):
      guard value.isFinite else {
        check.note = "the difference is not a number"
        break
      }
      check.value = value
      guard let interval else {
        check.note = "the rows give no interval of the difference"
        break
      }
      check.low = interval.lowerBound
      check.high = interval.upperBound
      check.passed =
        switch settings.evidence {
        case .worse: interval.upperBound >= check.limit
        case .notWorse: interval.lowerBound >= check.limit
        }
    }
    return check
  }

  /// Fails where neither the ratio nor any that the number of positives leaves open is in bounds.
  ///
  /// The model predicts `E` positives among `n` rows, `P` are seen. The share `P / n` has Wilson's
  /// 95 % interval, and the ratio `E / n` over it that of its ends.
  private func calibration(_ task: TaskEvidence) -> GateCheck {
    var check = GateCheck(
      .calibration, of: task.task, value: nil, limit: settings.calibration, passed: false)
    let metrics = task.candidate
    guard let ratio = metrics.calibration, ratio.isFinite, metrics.positives > 0 else {
      check.note = metrics.note ?? "it is not a number"
      return check
    }
    let share = Double(metrics.positives) / Double(metrics.rows)
    let interval = wilsonInterval(of: share, rows: Double(metrics.rows))
    let low = ratio * share / interval.upperBound
    let high = ratio * share / interval.lowerBound
    check.value = ratio
    check.low = low
    check.high = high
    check.passed = high >= 1 / settings.calibration && low <= settings.calibration
    return check
  }
}
