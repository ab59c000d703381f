/// The quality of a task's predictions at the two readings of a funnel: given the task before it,
/// and for the whole path (CTCVR where the tasks are click and conversion).
///
/// A model's score for a later task can mean two things, see ``Meaning``; each gives the other by
/// the parent's score, since `P(path) = P(parent) · P(task | parent)`. Measuring both readings
/// shows what one hides: over all rows much of the order of purchases is the order of clicks.
///
/// Ma, Zhao, Huang, Wang, Hu, Zhu, Gai: *Entire Space Multi-Task Model*, SIGIR 2018, equations 1–2.
/// <https://arxiv.org/abs/1804.07931>
public struct FunnelMetrics: Equatable, Sendable {
  /// What a score of the later task is the probability of.
  public enum Meaning: Sendable {
    /// Of the whole path, for any row: the model learnt the label over all rows.
    case ofEveryRow
    /// Of the task alone, given that the parent happened: the model learnt from those rows.
    case givenParent
  }

  /// The probability given the parent, on the rows where the parent's label is 1.
  public let conditional: TaskMetrics
  /// The probability of the whole path, on all rows.
  ///
  /// A row is positive if both labels are, and negative if either is, even where the other is
  /// unknown.
  public let wholePath: TaskMetrics

  /// Measures both readings.
  ///
  /// Where the scores mean the whole path, the conditional probability is score over parent's
  /// score, at most 1, and 0 where the score is 0; where they mean the conditional probability,
  /// that of the path is the product of both scores.
  ///
  /// - Parameters:
  ///   - scores: the later task's probabilities, one a row.
  ///   - parentScores: those of the task before it.
  ///   - labels: the later task's: 0 negative, 1 positive, anything else unknown.
  ///   - parentLabels: those of the task before it.
  ///   - meaning: what the later task's scores are the probability of.
  ///   - groups: what the rows of one request or user share, for GAUC; nil leaves GAUC out.
  ///   - weights: how much each row counts, finite and at least 0; nil counts all alike.
  /// - Complexity: O(n) time, at most about 40 bytes of memory a row and 32 a group.
  public init(
    scores: [Float], parentScores: [Float], labels: [UInt8], parentLabels: [UInt8],
    meaning: Meaning, groups: [Int64]? = nil, weights: [Float]? = nil
  ) {
    precondition(
      [parentScores.count, labels.count, parentLabels.count].allSatisfy { $0 == scores.count },
      "\(scores.count) and \(parentScores.count) scores, \(labels.count) and "
        + "\(parentLabels.count) labels")
    let ofOther = zip(scores, parentScores).map { score, parent in
      switch meaning {
      case .ofEveryRow: Self.conditional(score, given: parent)
      case .givenParent: score * parent
      }
    }
    let conditionalLabels = zip(labels, parentLabels).map { $1 == 1 ? $0 : 2 }
    let pathLabels = zip(labels, parentLabels).map { label, parent -> UInt8 in
      if label == 0 || parent == 0 { return 0 }
      return label == 1 && parent == 1 ? 1 : 2
    }
    conditional = TaskMetrics(
      scores: meaning == .ofEveryRow ? ofOther : scores, labels: conditionalLabels,
      groups: groups, weights: weights)
    wholePath = TaskMetrics(
      scores: meaning == .ofEveryRow ? scores : ofOther, labels: pathLabels, groups: groups,
      weights: weights)
  }

  /// NaN stays NaN, so that it is reported.
  private static func conditional(_ score: Float, given parent: Float) -> Float {
    if score == 0 { return 0 }
    let ratio = score / parent
    return ratio > 1 ? 1 : ratio
  }
}
