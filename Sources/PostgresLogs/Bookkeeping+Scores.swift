public import Interactions

/// Scored candidates of some users, ready to be written.
public struct ScoredRows: Sendable, Equatable {
  public var users: TextColumn
  public var items: TextColumn
  /// 1 for the best item of a user.
  public var ranks: [Int32]
  /// What the candidates are ranked by.
  public var values: [Double]
  /// `[rowCount, taskCount]`, row-major.
  public var probabilities: [Double]

  public init(
    users: TextColumn = TextColumn(), items: TextColumn = TextColumn(), ranks: [Int32] = [],
    values: [Double] = [], probabilities: [Double] = []
  ) {
    self.users = users
    self.items = items
    self.ranks = ranks
    self.values = values
    self.probabilities = probabilities
  }

  public var rowCount: Int { ranks.count }
}

/// Takes the scored candidates of one version.
public final class ScoreWriter {
  private let stream: CopyStream
  private let version: Int64
  private let taskCount: Int
  private var block = CopyBlock()

  private static let rowsPerBlock = 2_048
  /// The number of float8 in `pg_type`.
  private static let float8: UInt32 = 701

  init(_ connection: PostgresConnection, version: Int, taskCount: Int) throws(PostgresError) {
    self.version = Int64(version)
    self.taskCount = taskCount
    stream = try CopyStream(
      connection,
      sql: """
        COPY paretorank.scored_candidates
        (version, user_id, item_id, rank, value, probabilities) FROM STDIN (FORMAT binary)
        """)
  }

  /// Adds rows; no user may have a rank twice in a version.
  public func write(_ rows: ScoredRows) throws(PostgresError) {
    let count = rows.rowCount
    precondition(
      rows.users.count == count && rows.items.count == count && rows.values.count == count
        && rows.probabilities.count == count * taskCount,
      "the parts of scored rows differ in length")
    for first in stride(from: 0, to: count, by: Self.rowsPerBlock) {
      encode(rows, first..<min(first + Self.rowsPerBlock, count))
      try unsafe block.withBytes { bytes throws(PostgresError) in try unsafe stream.send(bytes) }
    }
  }

  func finish() throws(PostgresError) -> Int { try stream.finish() }

  func abandon() { stream.abandon() }

  private func encode(_ rows: ScoredRows, _ range: Range<Int>) {
    let listSize = CopyBlock.listSize(count: taskCount, size: 8 * taskCount)
    block.begin(rowCount: range.count, fieldCount: 6)
    for (index, row) in range.enumerated() {
      let texts = rows.users.range(row).count + rows.items.range(row).count
      block.addSize(8 + texts + 4 + 8 + listSize, index)
    }
    block.layOut(fieldCount: 6)
    for (index, row) in range.enumerated() {
      block.putField(version, index)
      block.putField(rows.users.bytes, rows.users.range(row), index)
      block.putField(rows.items.bytes, rows.items.range(row), index)
      block.putField(rows.ranks[row], index)
      block.putField(rows.values[row].bitPattern, index)
      block.putListHeader(
        count: taskCount, size: 8 * taskCount, elementTypeID: Self.float8, index)
      for task in 0..<taskCount {
        block.putField(rows.probabilities[row * taskCount + task].bitPattern, index)
      }
    }
  }
}

extension Bookkeeping {
  /// Writes a version of a model's scored candidates and makes it the current one.
  ///
  /// All happens in one transaction: readers of `paretorank.current_scored_candidates` see the
  /// former version until it ends, then the new one whole. Others who publish scores of the same
  /// model wait only while versions are switched. `finish` is called at the end of the transaction.
  ///
  /// - Parameters:
  ///   - model: The name that the scores are published under.
  ///   - tasks: The names of the probabilities.
  ///   - modelID: The model that scored, where the registry knows it.
  ///   - run: The run that the scores are published for.
  ///   - fill: Writes the scores.
  ///   - finish: What else belongs to the transaction.
  /// - Returns: The version's number, and how many rows it has.
  /// - Throws: ``RegistryError/published(run:version:)`` where this run has published already.
  public func publishScores(
    model: String, tasks: [String], modelID: Int? = nil, run: Int? = nil,
    _ fill: (ScoreWriter) throws -> Void, finally finish: () throws -> Void = {}
  ) throws -> (version: Int, rowCount: Int) {
    try connection.withTransaction {
      let version = try beginScores(model: model, tasks: tasks, modelID: modelID, run: run)
      let writer = try ScoreWriter(connection, version: version, taskCount: tasks.count)
      do {
        try fill(writer)
      } catch {
        writer.abandon()
        throw error
      }
      let rowCount = try writer.finish()
      // Two at once would both find the same current version.
      try connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('paretorank scores'), hashtext($1))", [model])
      try connection.execute(
        """
        UPDATE paretorank.score_versions SET state = 'retired'
        WHERE model = $1 AND state = 'current'
        """, [model])
      try connection.execute(
        """
        UPDATE paretorank.score_versions SET state = 'current', row_count = $2::int8
        WHERE id = $1::int8
        """, ["\(version)", "\(rowCount)"])
      try finish()
      return (version, rowCount)
    }
  }

  /// The version of scored candidates that a run published; nil where it published none, or where
  /// it was deleted since.
  public func scoreVersion(ofRun run: Int) throws(PostgresError) -> Int? {
    try connection.value(
      "SELECT id FROM paretorank.score_versions WHERE run_id = $1::int8", ["\(run)"]
    ).flatMap { Int($0) }
  }

  private func beginScores(
    model: String, tasks: [String], modelID: Int?, run: Int?
  ) throws -> Int {
    let columns = tasks.indices.map { "$\($0 + 4)::text" }.joined(separator: ", ")
    let version = try connection.value(
      """
      INSERT INTO paretorank.score_versions
        (model, tasks, state, run_id, model_id, model_version, model_digest)
      SELECT $1, ARRAY[\(columns)]::text[], 'retired', $2::int8, m.id, m.version, m.digest
      FROM (SELECT 1) AS one LEFT JOIN paretorank.models m ON m.id = $3::int8
      ON CONFLICT (run_id) DO NOTHING RETURNING id
      """, [model, run.map { "\($0)" }, modelID.map { "\($0)" }] + tasks)
    if version == nil, let run, let former = try scoreVersion(ofRun: run) {
      throw RegistryError.published(run: run, version: former)
    }
    return try Self.number(version)
  }

  /// Deletes all but a model's newest versions of scored candidates, never the current one.
  ///
  /// Answers how many versions went.
  @discardableResult
  public func pruneScores(model: String, keeping count: Int) throws -> Int {
    try connection.withTransaction {
      let old = try connection.query(
        """
        DELETE FROM paretorank.score_versions WHERE model = $1 AND state <> 'current' AND id NOT IN
          (SELECT id FROM paretorank.score_versions WHERE model = $1 ORDER BY id DESC LIMIT $2::int8)
        RETURNING id
        """, [model, "\(count)"]
      ).rows
      for row in old {
        try connection.execute(
          "DELETE FROM paretorank.scored_candidates WHERE version = $1::int8", [row[0]])
      }
      return old.count
    }
  }
}
