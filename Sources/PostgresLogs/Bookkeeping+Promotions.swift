/// One change of a name's current model.
public struct Promotion: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    /// By a run whose model passed the gate.
    case publish
    /// By hand.
    case promote
    /// Back to a model that was current before.
    case rollback
  }

  public var id: Int
  public var kind: Kind
  /// The version that became the current one.
  public var version: Int
  /// The version that was the current one until then.
  public var previous: Int?
  public var run: Int?
  public var at: Moment
  /// The user of the database who did it, and on which host.
  public var user: String
  public var host: String
  public var reason: String?
}

/// What came of asking for another current model.
public struct ModelSwitch: Codable, Sendable, Equatable {
  /// The model that is current now.
  public var model: Bookkeeping.Model
  /// The version that was current before it; nil where none was.
  public var previous: Int?
  /// False where the model was the current one already, and nothing was done.
  public var changed: Bool
}

extension Bookkeeping {
  /// Makes a model the current one of its name; the former one is retired.
  ///
  /// Promoting the current one again does nothing. `finish` is called at the end of the same
  /// transaction in both cases, so that an effect and its record stay together.
  ///
  /// - Throws: ``RegistryError/pruned(version:name:)`` where the model's directory is deleted.
  @discardableResult
  public func promoteModel(
    _ id: Int, run: Int? = nil, kind: Promotion.Kind = .promote, reason: String? = nil,
    finally finish: () throws -> Void = {}
  ) throws -> ModelSwitch {
    try connection.withTransaction {
      try lockModels()
      guard let model = try model(id) else {
        throw RegistryError.unknownName("of id \(id)", known: try modelNames())
      }
      let result = try makeCurrent(model, run: run, kind: kind, reason: reason)
      try finish()
      return result
    }
  }

  /// Goes back to the model that was current before the current one, and once more goes one further
  /// back; or to any version that ever was current.
  ///
  /// - Throws: ``RegistryError/noCurrentModel(name:)``, ``RegistryError/nothingBefore(version:name:)``,
  ///   ``RegistryError/neverCurrent(version:name:)`` and others.
  @discardableResult
  public func rollback(
    _ name: String, to version: Int? = nil, reason: String? = nil,
    finally finish: () throws -> Void = {}
  ) throws -> ModelSwitch {
    try connection.withTransaction {
      try lockModels()
      let target = try rollbackTarget(name, to: version)
      let result = try makeCurrent(target, run: nil, kind: .rollback, reason: reason)
      try finish()
      return result
    }
  }

  /// The model that ``rollback(_:to:reason:finally:)`` would make the current one.
  public func rollbackTarget(_ name: String, to version: Int? = nil) throws -> Model {
    let models = try models(name: name)
    guard !models.isEmpty else {
      throw RegistryError.unknownName(name, known: try modelNames())
    }
    guard let current = models.first(where: { $0.state == .current }) else {
      throw RegistryError.noCurrentModel(name: name)
    }
    let history = try promotions(name)
    if let version {
      let model = try model(name, version: version)
      guard model.state.isKept else { throw RegistryError.pruned(version: version, name: name) }
      let wasCurrent = history.contains { $0.version == version || $0.previous == version }
      guard model.id == current.id || wasCurrent else {
        throw RegistryError.neverCurrent(version: version, name: name)
      }
      return model
    }
    let kept = Dictionary(
      uniqueKeysWithValues: models.filter(\.state.isKept).map { ($0.version, $0) })
    for version in Self.trail(of: history).reversed() where version != current.version {
      if let model = kept[version] { return model }
    }
    throw RegistryError.nothingBefore(version: current.version, name: name)
  }

  /// All changes of a name's current model, the newest first.
  public func promotions(_ name: String) throws(PostgresError) -> [Promotion] {
    try connection.query(
      """
      SELECT c.id, c.kind, m.version, p.version AS previous, c.run_id, c.by_user, c.host, c.reason,
        \(Moment.sql("c.at")) AS at
      FROM paretorank.promotions c JOIN paretorank.models m ON m.id = c.model_id
      LEFT JOIN paretorank.models p ON p.id = c.previous_id
      WHERE c.name = $1 ORDER BY c.id DESC
      """, [name]
    ).map { (row) throws(PostgresError) in
      Promotion(
        id: try row.needed("id", row.integer("id")),
        kind: try row.needed("kind", row.text("kind").flatMap(Promotion.Kind.init)),
        version: try row.needed("version", row.integer("version")),
        previous: row.integer("previous"), run: row.integer("run_id"),
        at: try row.needed("at", row.moment("at")), user: row.text("by_user") ?? "",
        host: row.text("host") ?? "", reason: row.text("reason"))
    }
  }

  /// The versions that one can go back to, step by step, the current one last.
  ///
  /// Going back takes steps off the end; what was left that way is not gone back to.
  static func trail(of promotions: [Promotion]) -> [Int] {
    var trail: [Int] = []
    for change in promotions.reversed() {
      // What was current before anybody kept a history.
      if let previous = change.previous, trail.last != previous { trail.append(previous) }
      if change.kind == .rollback, let place = trail.dropLast().lastIndex(of: change.version) {
        trail.removeSubrange((place + 1)...)
      } else {
        trail.append(change.version)
      }
    }
    return trail
  }

  private func makeCurrent(
    _ model: Model, run: Int?, kind: Promotion.Kind, reason: String?
  ) throws -> ModelSwitch {
    guard model.state.isKept else {
      throw RegistryError.pruned(version: model.version, name: model.name)
    }
    let former = try currentModel(model.name)
    if former?.id == model.id {
      return ModelSwitch(model: model, previous: nil, changed: false)
    }
    try connection.execute(
      """
      UPDATE paretorank.models SET state = 'retired', retired_at = clock_timestamp()
      WHERE name = $1 AND state = 'current'
      """, [model.name])
    try connection.execute(
      """
      UPDATE paretorank.models SET state = 'current', promoted_at = clock_timestamp(),
        promoted_by = session_user, retired_at = NULL
      WHERE id = $1::int8
      """, ["\(model.id)"])
    try connection.execute(
      """
      INSERT INTO paretorank.promotions (name, model_id, previous_id, kind, run_id, host, reason)
      VALUES ($1, $2::int8, $3::int8, $4, $5::int8, $6, $7)
      """,
      [
        model.name, "\(model.id)", former.map { "\($0.id)" }, kind.rawValue, run.map { "\($0)" },
        Self.hostName, reason,
      ])
    return ModelSwitch(
      model: try self.model(model.id) ?? model, previous: former?.version, changed: true)
  }
}
