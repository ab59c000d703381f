internal import Interactions
internal import Randomness

/// Some of a log's rows, whole users at a time, so that they vary as all rows do.
///
/// Users are drawn by a hash of their number; where rows have no users, requests are, else rows.
struct ClusterSample {
  /// Rows of the log, those of one user after each other.
  let rows: [Int]
  /// Where the rows of each user end in ``rows``.
  let ends: [Int]

  /// Draws about `limit` rows, or takes all if there are no more.
  ///
  /// Very few users may have most of the rows; beyond `2 · limit` rows, some of each are left out.
  init(of selection: RowSelection, in log: EncodedLog, limit: Int, seed: UInt64) {
    let clusters = log.users ?? log.requests
    func cluster(_ row: Int) -> Int64 { clusters?[row] ?? Int64(row) }
    var chosen: [(cluster: Int64, row: Int)] = []
    let takesAll = selection.count <= limit
    let bound = takesAll ? 0 : UInt64(Double(limit) / Double(selection.count) * 0x1p64)
    var salt = SplitMix64(seed: seed)
    let offset = salt.next()
    for index in 0..<selection.count {
      let row = selection[index]
      let cluster = cluster(row)
      if !takesAll, SplitMix64.mixed(UInt64(bitPattern: cluster) &+ offset) >= bound { continue }
      chosen.append((cluster, row))
      if chosen.count == 4 * limit { Self.halve(&chosen) }
    }
    while chosen.count > 2 * limit { Self.halve(&chosen) }
    chosen.sort { ($0.cluster, $0.row) < ($1.cluster, $1.row) }
    rows = chosen.map(\.row)
    ends = chosen.indices.filter {
      $0 + 1 == chosen.count || chosen[$0].cluster != chosen[$0 + 1].cluster
    }.map { $0 + 1 }
  }

  /// Drops every other row.
  private static func halve(_ rows: inout [(cluster: Int64, row: Int)]) {
    rows = stride(from: 0, to: rows.count, by: 2).map { rows[$0] }
  }

  /// `Σ n_c² / n` over the users: how many rows a row's user has, for the mean row; at least 1.
  var clustering: Double {
    var first = 0
    var squares = 0
    for end in ends {
      squares += (end - first) * (end - first)
      first = end
    }
    return rows.isEmpty ? 1 : Double(squares) / Double(rows.count)
  }

  /// Counts what each row says.
  ///
  /// - Parameters:
  ///   - bucketCount: How many buckets there are.
  ///   - visit: Adds a row's values to the counts.
  /// - Returns: The counts.
  func counts(
    _ bucketCount: Int, _ visit: (Int, inout ClusteredCounts) -> Void
  ) -> ClusteredCounts {
    var counts = ClusteredCounts(bucketCount: bucketCount)
    var first = 0
    for end in ends {
      for index in first..<end { visit(rows[index], &counts) }
      counts.endCluster()
      first = end
    }
    return counts
  }
}
