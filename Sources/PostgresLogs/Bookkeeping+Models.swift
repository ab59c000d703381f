extension Bookkeeping {
  /// What a model is to the shop.
  public enum ModelState: String, Sendable {
    /// Trained, and not in use yet.
    case candidate
    /// In use; one of each name at most.
    case current
    /// Out of use.
    case retired
  }

  /// A model directory that the registry knows.
  public struct Model: Sendable, Equatable {
    public var id: Int
    public var name: String
    /// Counts from 1 for each name.
    public var version: Int
    public var path: String
    public var digest: String
    public var run: Int?
    public var state: ModelState
    /// In PostgreSQL's text form.
    public var createdAt: String
  }

  /// Notes a new model as a candidate, with the next version of its name, and answers its id.
  public func registerModel(
    name: String, path: String, digest: String, run: Int? = nil
  ) throws -> Int {
    try connection.withTransaction {
      // Two at once would both find the same next version.
      try connection.execute("LOCK TABLE paretorank.models IN SHARE ROW EXCLUSIVE MODE")
      return try Self.number(
        connection.value(
          """
          INSERT INTO paretorank.models (name, version, path, digest, run_id)
          SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4::int8
          FROM paretorank.models WHERE name = $1
          RETURNING id
          """, [name, path, digest, run.map { "\($0)" }]))
    }
  }

  /// Makes a model the current one of its name; the former one is retired.
  ///
  /// False if there is no model with this id.
  @discardableResult
  public func promoteModel(_ id: Int) throws -> Bool {
    try connection.withTransaction {
      try connection.execute("LOCK TABLE paretorank.models IN SHARE ROW EXCLUSIVE MODE")
      try connection.execute(
        """
        UPDATE paretorank.models SET state = 'retired' WHERE state = 'current' AND id <> $1::int8
        AND name = (SELECT name FROM paretorank.models WHERE id = $1::int8)
        """, ["\(id)"])
      return try connection.execute(
        "UPDATE paretorank.models SET state = 'current' WHERE id = $1::int8", ["\(id)"]) == 1
    }
  }

  /// The models of a name, or all, the newest first.
  public func models(name: String? = nil) throws(PostgresError) -> [Model] {
    let found = try connection.query(
      """
      SELECT id, name, version, path, digest, run_id, state, created_at FROM paretorank.models
      WHERE $1::text IS NULL OR name = $1 ORDER BY id DESC
      """, [name])
    var models: [Model] = []
    for row in found.rows {
      models.append(
        Model(
          id: try Self.number(row[0]), name: row[1] ?? "", version: try Self.number(row[2]),
          path: row[3] ?? "", digest: row[4] ?? "", run: row[5].flatMap { Int($0) },
          state: row[6].flatMap(ModelState.init) ?? .candidate, createdAt: row[7] ?? ""))
    }
    return models
  }

  /// Forgets a model; its directory stays.
  @discardableResult
  public func removeModel(_ id: Int) throws(PostgresError) -> Bool {
    try connection.execute("DELETE FROM paretorank.models WHERE id = $1::int8", ["\(id)"]) == 1
  }
}
