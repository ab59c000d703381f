internal import Interactions
internal import PostgresLogs

/// Ranks each user's candidates by value; candidates come user by user.
struct UserRanking {
  private let top: Int?
  private let taskCount: Int
  private var candidates: [Candidate] = []
  private(set) var userCount = 0

  init(top: Int?, taskCount: Int) {
    self.top = top
    self.taskCount = taskCount
  }

  /// Adds a candidate; the former user's ranking where a new user begins.
  mutating func add(_ candidate: Candidate) -> ScoredRows? {
    let finished = candidate.user == candidates.last?.user ? nil : finish()
    candidates.append(candidate)
    return finished
  }

  /// The last user's ranking; nil where there was no candidate.
  mutating func finish() -> ScoredRows? {
    guard !candidates.isEmpty else { return nil }
    userCount += 1
    // Equal values rank by item, so that equal runs give equal tables.
    candidates.sort { ($0.value, $1.item) > ($1.value, $0.item) }
    var rows = ScoredRows()
    for (rank, candidate) in candidates.prefix(top ?? candidates.count).enumerated() {
      rows.append(candidate, rank: rank + 1)
    }
    candidates.removeAll(keepingCapacity: true)
    return rows
  }
}

extension ScoredRows {
  fileprivate mutating func append(_ candidate: Candidate, rank: Int) {
    users.append(candidate.user.utf8)
    items.append(candidate.item.utf8)
    ranks.append(Int32(rank))
    values.append(candidate.value)
    probabilities += candidate.probabilities
  }
}
