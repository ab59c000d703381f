extension Bookkeeping {
  /// The models of a name that are not to be kept, the newest first.
  ///
  /// The `count` newest that ever were current are kept: among them the current one and, unless
  /// `includingPrevious`, the one that a rollback would go to. Of those that were refused or never
  /// published, only the newest is kept, so that it can still be promoted; while no model ever was
  /// current, the `count` newest. Those of runs with stages that have not come to an end stay besides.
  public func prunable(
    _ name: String, keeping count: Int, includingPrevious: Bool = false
  ) throws -> [Model] {
    let models = try models(name: name).filter(\.state.isKept)
    let open = try connection.query(
      """
      SELECT m.id FROM paretorank.models m JOIN paretorank.runs r ON r.id = m.run_id
      WHERE m.name = $1 AND r.state IN ('running', 'failed')
        AND EXISTS (SELECT FROM paretorank.stages s WHERE s.run_id = r.id)
      """, [name]
    ).rows.compactMap { $0[0].flatMap { Int($0) } }
    let used = models.filter(\.state.wasCurrent)
    var kept = Set(used.filter { $0.state == .current }.map(\.id))
    if !includingPrevious {
      do { kept.insert(try rollbackTarget(name).id) } catch is RegistryError {
        // There is nothing to go back to.
      }
    }
    for model in used where kept.count < count { kept.insert(model.id) }
    let unused = models.filter { !$0.state.wasCurrent }
    kept.formUnion(unused.prefix(used.isEmpty ? count : 1).map(\.id))
    return models.filter { !kept.contains($0.id) && !open.contains($0.id) }
  }

  /// Marks the models of a name that are not to be kept, as ``prunable(_:keeping:includingPrevious:)``
  /// finds them.
  ///
  /// Answers all whose directories are to be deleted, those included that an interrupted pruning has
  /// left. After a directory is deleted, ``finishPruning(_:)`` notes so. The caller holds the lock of
  /// the name's models, or a run might just be reading one of them.
  public func prune(
    _ name: String, keeping count: Int, includingPrevious: Bool = false
  ) throws -> [Model] {
    try connection.withTransaction {
      try lockModels()
      for model in try prunable(name, keeping: count, includingPrevious: includingPrevious) {
        try connection.execute(
          "UPDATE paretorank.models SET state = 'pruning' WHERE id = $1::int8", ["\(model.id)"])
      }
      return try models(name: name).filter { $0.state == .pruning }
    }
  }

  /// Notes that a model's directory is deleted; the history keeps the model.
  public func finishPruning(_ id: Int) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.models SET state = 'pruned', pruned_at = clock_timestamp()
      WHERE id = $1::int8 AND state = 'pruning'
      """, ["\(id)"])
  }
}
