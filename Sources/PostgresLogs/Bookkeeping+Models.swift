extension Bookkeeping {
  /// What a model is to the shop.
  public enum ModelState: String, Codable, Sendable {
    /// Trained, and not in use yet.
    case candidate
    /// In use; one of each name at most.
    case current
    /// Out of use.
    case retired
    /// Kept back by the gate.
    case refused
    /// Its directory is being deleted.
    case pruning
    /// Its directory is gone.
    case pruned

    /// Whether the model's directory is to be there.
    public var isKept: Bool { self != .pruning && self != .pruned }

    /// Whether the model is or was the current one, and its directory is to be there.
    public var wasCurrent: Bool { self == .current || self == .retired }
  }

  /// A model directory that the registry knows.
  public struct Model: Codable, Sendable, Equatable {
    public var id: Int
    public var name: String
    /// Counts from 1 for each name, and is never used again.
    public var version: Int
    public var state: ModelState
    public var path: String
    public var digest: String
    /// The run that made it.
    public var run: Int?
    /// The version of the model whose training this one went on from.
    public var parent: Int?
    public var createdAt: Moment
    /// It was trained on rows from before then.
    public var dataUntil: Moment?
    /// When it last became the current one, and by which user of the database.
    public var promotedAt: Moment?
    public var promotedBy: String?
    /// When it last ceased to be the current one.
    public var retiredAt: Moment?
    public var prunedAt: Moment?

    private enum CodingKeys: String, CodingKey {
      case id, name, version, state, path, digest, run, parent
      case createdAt = "created_at"
      case dataUntil = "data_until"
      case promotedAt = "promoted_at"
      case promotedBy = "promoted_by"
      case retiredAt = "retired_at"
      case prunedAt = "pruned_at"
    }

    init(_ row: NamedRow) throws(PostgresError) {
      id = try row.needed("id", row.integer("id"))
      name = try row.needed("name", row.text("name"))
      version = try row.needed("version", row.integer("version"))
      state = try row.needed("state", row.text("state").flatMap(ModelState.init))
      path = try row.needed("path", row.text("path"))
      digest = try row.needed("digest", row.text("digest"))
      run = row.integer("run_id")
      parent = row.integer("parent")
      createdAt = try row.needed("created_at", row.moment("created_at"))
      dataUntil = row.moment("data_until")
      promotedAt = row.moment("promoted_at")
      promotedBy = row.text("promoted_by")
      retiredAt = row.moment("retired_at")
      prunedAt = row.moment("pruned_at")
    }
  }

  /// Notes a new model as a candidate, with the next version of its name.
  ///
  /// The model that a run has registered under this path with this digest is not registered again.
  ///
  /// - Parameters:
  ///   - name: The configuration's `output.name`.
  ///   - path: The model directory.
  ///   - digest: The directory's digest.
  ///   - run: The run that made it.
  ///   - parent: The id of the model whose training this one went on from.
  ///   - dataUntil: The time before which its training rows are, in microseconds since 1970 UTC.
  ///   - finish: What else belongs to the transaction, called with the id at its end.
  /// - Returns: The model's id.
  /// - Throws: What the server or `finish` throws; then nothing is noted.
  @discardableResult
  public func registerModel(
    name: String, path: String, digest: String, run: Int? = nil, parent: Int? = nil,
    dataUntil: Int64? = nil, finally finish: (Int) throws -> Void = { _ in }
  ) throws -> Int {
    try connection.withTransaction {
      try lockModels()
      let known = try connection.value(
        """
        SELECT id FROM paretorank.models
        WHERE name = $1 AND path = $2 AND digest = $3 AND run_id = $4::int8
        """, [name, path, digest, run.map { "\($0)" }])
      let id = try Self.number(
        known
          ?? connection.value(
            """
            INSERT INTO paretorank.models
              (name, version, path, digest, run_id, parent_id, data_until)
            SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4::int8, $5::int8,
              \(Moment.time(ofParameter: 6))
            FROM paretorank.models WHERE name = $1
            RETURNING id
            """,
            [
              name, path, digest, run.map { "\($0)" }, parent.map { "\($0)" },
              dataUntil.map { "\($0)" },
            ]))
      try finish(id)
      return id
    }
  }

  /// The models of a name, or all, the newest first, those that were pruned included.
  public func models(name: String? = nil) throws(PostgresError) -> [Model] {
    try models("$1::text IS NULL OR m.name = $1", [name])
  }

  /// The models that a run registered.
  public func models(ofRun run: Int) throws(PostgresError) -> [Model] {
    try models("m.run_id = $1::int8", ["\(run)"])
  }

  /// The model of an id; nil where there is none.
  public func model(_ id: Int) throws(PostgresError) -> Model? {
    try models("m.id = $1::int8", ["\(id)"]).first
  }

  /// The model of a name that is in use; nil where none is.
  public func currentModel(_ name: String) throws(PostgresError) -> Model? {
    try models("m.name = $1 AND m.state = 'current'", [name]).first
  }

  /// The newest model of a name with this digest; nil where none is noted.
  public func model(_ name: String, digest: String) throws(PostgresError) -> Model? {
    try models("m.name = $1 AND m.digest = $2", [name, digest]).first
  }

  /// The model of a name and version.
  ///
  /// - Throws: ``RegistryError/unknownName(_:known:)``,
  ///   ``RegistryError/unknownVersion(_:name:known:)``.
  public func model(_ name: String, version: Int) throws -> Model {
    let all = try models(name: name)
    if let model = all.first(where: { $0.version == version }) { return model }
    guard all.isEmpty else {
      throw RegistryError.unknownVersion(
        version, name: name, known: all.filter(\.state.isKept).map(\.version).sorted())
    }
    throw RegistryError.unknownName(name, known: try modelNames())
  }

  /// The names that models have.
  public func modelNames() throws(PostgresError) -> [String] {
    try connection.query("SELECT DISTINCT name FROM paretorank.models ORDER BY name").rows
      .compactMap { $0[0] }
  }

  private func models(
    _ condition: String, _ parameters: [String?]
  ) throws(PostgresError) -> [Model] {
    try connection.query(
      """
      SELECT m.id, m.name, m.version, m.state, m.path, m.digest, m.run_id, m.promoted_by,
        (SELECT p.version FROM paretorank.models p WHERE p.id = m.parent_id) AS parent,
        \(Moment.sql("m.created_at")) AS created_at, \(Moment.sql("m.data_until")) AS data_until,
        \(Moment.sql("m.promoted_at")) AS promoted_at, \(Moment.sql("m.retired_at")) AS retired_at,
        \(Moment.sql("m.pruned_at")) AS pruned_at
      FROM paretorank.models m WHERE \(condition) ORDER BY m.id DESC
      """, parameters
    ).map { (row) throws(PostgresError) in try Model(row) }
  }

  /// Keeps others from changing what models there are until the transaction ends; all may read.
  func lockModels() throws(PostgresError) {
    try connection.execute("LOCK TABLE paretorank.models IN SHARE ROW EXCLUSIVE MODE")
  }
}
