/// A verdict in one paragraph, for somebody who reads it over breakfast.
struct GateWords {
  let checks: [GateCheck]
  let tasks: [TaskEvidence]
  /// Whether the data were compared with an earlier night's.
  let isDriftKnown: Bool
  let evidence: GateSettings.Evidence

  /// So many reasons are told; more of them have one cause as a rule.
  private static let longest = 6

  /// Why a model is held back, and what to do.
  var refused: String {
    let failed = checks.filter { !$0.passed }
    let told = failed.filter { !followsFromPositives($0) }
    let rest = told.count - Self.longest
    let fate = hasCurrentModel ? ", the current model stays" : ""
    var sentences = ["Not published\(fate): \(failed.count) of \(checks.count) checks failed."]
    sentences += told.prefix(Self.longest).map { check in
      check.problem(evidence, of: tasks.first { $0.task == check.subject })
    }
    if rest > 0 { sentences.append("\(rest) more failed, see the table of checks.") }
    if !isDriftKnown { sentences.append(Self.noFormerNight) }
    return sentences.joined(separator: " ")
  }

  /// That a model may be published, and what has moved.
  var passed: String {
    let count = checks.count == 1 ? "the only check" : "all \(checks.count) checks"
    var sentences = ["Fit to be published: \(count) passed."]
    let compared = checks.filter { $0.measure == .auc && $0.value != nil }
    if !compared.isEmpty {
      let changes = compared.map { "\($0.subject) \($0.change)" }
      sentences.append("AUC against the current model: \(changes.joined(separator: ", ")).")
    }
    let values = checks.filter { $0.measure == .auc && $0.value == nil }
      .map { "\($0.subject) \(Words.number($0.tonight))" }.joined(separator: ", ")
    if !values.isEmpty {
      sentences.append(
        hasCurrentModel
          ? "The current model doesn't have these tasks, so their AUC is not compared: \(values)."
          : "There is no current model, so AUC is not compared: \(values).")
    }
    return (sentences + (isDriftKnown ? moves : [Self.noFormerNight])).joined(separator: " ")
  }

  private static let noFormerNight =
    "No earlier night with rows is on record, so the data are not compared."

  private var hasCurrentModel: Bool { tasks.contains { $0.comparison != .noModel } }

  /// Whether a check failed for the want of positives, which is told once.
  private func followsFromPositives(_ check: GateCheck) -> Bool {
    check.value == nil
      && checks.contains {
        $0.measure == .positives && $0.subject == check.subject && !$0.passed
      } && (check.measure == .auc || check.measure == .calibration)
  }

  /// How the data have changed, within the limits.
  private var moves: [String] {
    var parts: [String] = []
    for check in checks where check.measure == .rows {
      parts.append(
        "\(Words.count(check.tonight)) new rows a day after \(Words.count(check.former))")
    }
    for check in checks where check.measure == .labelRate && check.hasMoved {
      parts.append(
        "\(Words.share(check.tonight)) of the labels of \(check.subject) positive after "
          + Words.share(check.former))
    }
    let stability = checks.filter { $0.measure == .stability }
    if let most = stability.max(by: { $0.value ?? 0 < $1.value ?? 0 }) {
      parts.append(
        "\(most.subject) shifted most, with a stability index of "
          + "\(Words.number(most.value, digits: 3)) (\(Words.number(most.limit, digits: 3)) allowed)"
      )
    }
    return parts.isEmpty ? [] : ["The data: \(parts.joined(separator: "; "))."]
  }
}

extension GateCheck {
  /// What failed, its figure, and what to do.
  fileprivate func problem(
    _ evidence: GateSettings.Evidence, of task: TaskEvidence?
  ) -> String {
    switch measure {
    case .auc: aucProblem(evidence)
    case .calibration:
      value == nil
        ? "The calibration of \(subject) could not be measured: \(note ?? "there are no rows")."
        : """
        The model predicts \(Words.number(value, digits: 2)) times as many positives of \(subject) \
        as there were (95 % interval \(Words.number(low, digits: 2)) to \
        \(Words.number(high, digits: 2))), outside of \(Words.number(1 / limit, digits: 2)) to \
        \(Words.number(limit, digits: 2)): see whether its labels are complete, or allow more with \
        nightly.gate.calibration.
        """
    case .positives: positivesProblem(of: task)
    case .rows:
      """
      There are \(Words.count(tonight)) new rows a day after \(Words.count(former)) before, beyond \
      a factor of \(Words.number(limit, digits: 2)): see whether the log is written as usual, or \
      allow more with nightly.gate.row_ratio.
      """
    case .labelRate:
      tonight == nil
        ? """
        No label of \(subject) has become known, and \(Words.share(former)) were positive before: \
        see whether its column is still filled.
        """
        : """
        \(Words.share(tonight)) of the labels of \(subject) are positive after \
        \(Words.share(former)) before, beyond a factor of \(Words.number(limit, digits: 2)): see \
        whether its events are lost or counted twice, or allow more with nightly.gate.label_ratio.
        """
    case .missing:
      """
      Column \(subject) is missing in \(Words.share(tonight)) of the new rows after \
      \(Words.share(former)) before: find what no longer fills it, or allow more with \
      nightly.gate.missing_rise.
      """
    case .newIDs:
      """
      \(Words.share(tonight)) of the values of \(subject) have no embedding after \
      \(Words.share(former)) before: see whether its ids are still written the same way, or allow \
      more with nightly.gate.new_id_rise.
      """
    case .stability:
      """
      The values of \(subject) have shifted, with a stability index of \
      \(Words.number(value, digits: 2)) where \(Words.number(limit, digits: 2)) is allowed: see \
      whether its unit or its source changed, or allow more with nightly.gate.stability.
      """
    }
  }

  private func positivesProblem(of task: TaskEvidence?) -> String {
    let count = value ?? 0
    let found = count == 0 ? "No" : "Only \(Words.count(count))"
    let isPlural = count > 1
    var remedies = evaluationNeeded(by: task)
    if task?.isHeld == true {
      remedies += """
        , take a larger nightly.holdout, for \(subject) is compared on held requests only,
        """
    }
    return """
      \(found) positive\(isPlural ? "s" : "") of \(subject) \(isPlural ? "are" : "is") among the rows \
      on which models are compared, and \(Words.count(limit)) are needed: \
      \(remedies) or ask for fewer with nightly.gate.minimum_positives.
      """
  }

  /// How long the comparison must be for enough positives, if they go on coming as they do.
  private func evaluationNeeded(by task: TaskEvidence?) -> String {
    guard let days = task?.days, days > 0, let value, value > 0 else {
      return "lengthen that window with nightly.evaluation"
    }
    let perDay = value / days
    let hours = (limit / perDay * 24).rounded(.up)
    let length =
      hours <= 48 ? "\(Words.count(hours)) hours" : "\(Words.count((hours / 24).rounded(.up))) days"
    return """
      about \(perDay < 1 ? Words.number(perDay, digits: 2) : Words.count(perDay)) a day come to them, so set nightly.evaluation to \(length) or longer
      """
  }

  private func aucProblem(_ evidence: GateSettings.Evidence) -> String {
    let tolerance = Words.number(-limit)
    if low == nil {
      return """
        The AUC of \(subject) could not be \(tonight == nil ? "measured" : "compared"): \
        \(note ?? "there are no rows").
        """
    }
    if high ?? 0 < limit {
      return """
        The AUC of \(subject) went from \(Words.number(former)) to \(Words.number(tonight)), \
        by \(change), beyond the tolerance of \(tolerance): see what changed in the data or the \
        configuration, or allow more with nightly.gate.tolerance.
        """
    }
    return """
      The AUC of \(subject) may have fallen by more than the tolerance of \(tolerance): it changed \
      by \(change); compare on more rows with nightly.evaluation, or let doubt count for the new \
      model with nightly.gate.evidence: worse.
      """
  }

  /// A difference of AUC with its interval.
  fileprivate var change: String {
    let interval = low.flatMap { low in
      high.map { " (95 % interval \(Words.signed(low)) to \(Words.signed($0)))" }
    }
    return Words.signed(value) + (interval ?? "")
  }

  /// Whether a ratio differs from 1 beyond chance.
  fileprivate var hasMoved: Bool { low ?? 1 > 1 || high ?? 1 < 1 }
}
