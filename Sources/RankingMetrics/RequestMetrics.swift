import Glibc

/// How well the rows of each request are ordered, averaged over the requests.
///
/// A row is relevant if its label is 1. Requests without a positive have no best order and are
/// left out: ``requests`` against ``requestsUsed`` says how many. Rows of a request that share a
/// score could be shown in any order; every value is the expected one over all orders of the tied
/// rows, computed exactly, so the order in which rows come doesn't matter.
///
/// Järvelin, Kekäläinen: *Cumulated Gain-Based Evaluation of IR Techniques*, ACM TOIS 20, 2002
/// (NDCG). McSherry, Najork: *Computing Information Retrieval Performance Measures Efficiently in
/// the Presence of Tied Scores*, ECIR 2008. <https://doi.org/10.1007/978-3-540-78646-7_38>
public struct RequestMetrics: Equatable, Sendable {
  /// Only the first so many ranks of a request count; all of them for ``reciprocalRank``.
  public let cutoff: Int
  /// Requests with a known label.
  public let requests: Int
  /// Those of the requests that hold a positive, which alone count.
  public let requestsUsed: Int
  /// Positives within the cut-off, each worth `1/log₂(rank + 1)`, over the most that could be had.
  public let ndcg: Double
  /// The mean, over the positives that could be within the cut-off, of the share of positives
  /// among the ranks down to each; positives beyond the cut-off count zero.
  public let averagePrecision: Double
  /// The share of a request's positives within the cut-off.
  public let recall: Double
  /// One over the rank of the first positive, wherever it is.
  public let reciprocalRank: Double

  /// The share of the requests that the values speak for, in `0...1`.
  public var requestShare: Double { Double(requestsUsed) / Double(requests) }

  /// Orders the rows whose label is 0 or 1 within their requests.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown, and the
  ///     rows below them move up.
  ///   - requests: equal numbers mean the same request, in any order; one a row.
  ///   - cutoff: how many ranks count, at least 1.
  /// - Throws: ``UndefinedMetric`` where no request holds a positive or a score is NaN.
  /// - Complexity: O(n) time, 20 bytes of memory a row and about 32 a request.
  public init(
    scores: [Float], labels: [UInt8], requests: [Int64], cutoff: Int = 10
  ) throws(UndefinedMetric) {
    let ranked = try RankedRows(scores: scores, labels: labels, groups: numbered(requests))
    try self.init(ranked: ranked, cutoff: cutoff)
  }

  /// Averages over rows that are sorted by request and score.
  init(ranked: RankedRows, cutoff: Int) throws(UndefinedMetric) {
    precondition(cutoff > 0, "a cut-off of \(cutoff)")
    var longest = 0
    ranked.forEachGroup { longest = max(longest, $0.count) }
    let discounts = Discounts(count: min(cutoff, longest))
    var requests = 0
    var used = 0
    var sums = (ndcg: 0.0, averagePrecision: 0.0, recall: 0.0, reciprocalRank: 0.0)
    ranked.forEachGroup { range in
      requests += 1
      var request = RequestRanking(
        positives: ranked.tally(in: range).positiveRows, cutoff: cutoff)
      if request.positives == 0 { return }
      used += 1
      ranked.forEachTieDown(in: range) { _, tie in request.add(tie, discounts) }
      sums.ndcg += request.gain / discounts.sum(to: request.positives)
      sums.averagePrecision += request.precisions / Double(min(request.positives, cutoff))
      sums.recall += request.found / Double(request.positives)
      sums.reciprocalRank += request.reciprocalRank
    }
    if used == 0 { throw .noRequestWithPositive(requests: requests) }
    self.cutoff = cutoff
    self.requests = requests
    requestsUsed = used
    ndcg = sums.ndcg / Double(used)
    averagePrecision = sums.averagePrecision / Double(used)
    recall = sums.recall / Double(used)
    reciprocalRank = sums.reciprocalRank / Double(used)
  }
}

/// Sums of `1/log₂(rank + 1)` over the first ranks.
private struct Discounts {
  private var sums = [0.0]

  init(count: Int) {
    for rank in 0..<count { sums.append(sums[rank] + 1 / log2(Double(rank + 2))) }
  }

  func sum(to rank: Int) -> Double { sums[min(rank, sums.count - 1)] }
}

/// Expected values of one request, over all orders of its tied rows.
private struct RequestRanking {
  let positives: Int
  let cutoff: Int
  private(set) var gain = 0.0
  private(set) var precisions = 0.0
  private(set) var found = 0.0
  private(set) var reciprocalRank = 0.0
  private var rowsAbove = 0
  private var positivesAbove = 0

  init(positives: Int, cutoff: Int) {
    self.positives = positives
    self.cutoff = cutoff
  }

  /// Takes the rows of the next lower score.
  mutating func add(_ tie: ClassTally, _ discounts: Discounts) {
    let last = rowsAbove + tie.rows
    defer {
      rowsAbove = last
      positivesAbove += tie.positiveRows
    }
    if tie.positiveRows == 0 { return }
    if positivesAbove == 0 { addFirstPositive(of: tie) }
    if rowsAbove >= cutoff { return }
    let chance = Double(tie.positiveRows) / Double(tie.rows)
    gain += chance * (discounts.sum(to: last) - discounts.sum(to: rowsAbove))
    found += chance * Double(min(last, cutoff) - rowsAbove)
    // Given a positive at a rank, each other tied row is one with this chance.
    let otherChance =
      tie.rows == 1 ? 0 : Double(tie.positiveRows - 1) / Double(tie.rows - 1)
    for rank in (rowsAbove + 1)...min(last, cutoff) {
      let tiedAbove = Double(rank - rowsAbove - 1)
      let positivesUpTo = Double(positivesAbove + 1) + tiedAbove * otherChance
      precisions += chance * positivesUpTo / Double(rank)
    }
  }

  /// Adds up one over each rank times the chance that the first positive has it.
  private mutating func addFirstPositive(of tie: ClassTally) {
    var noneYet = 1.0
    for place in 0...tie.negativeRows {
      let isHere = Double(tie.positiveRows) / Double(tie.rows - place)
      reciprocalRank += noneYet * isHere / Double(rowsAbove + place + 1)
      noneYet *= 1 - isHere
    }
  }
}

extension RequestMetrics: Codable {
  private enum CodingKeys: String, CodingKey {
    case cutoff = "at"
    case requests
    case requestsUsed = "requests_used"
    case ndcg
    case averagePrecision = "map"
    case recall
    case reciprocalRank = "mrr"
  }
}
