extension Bookkeeping {
  /// The models of a name that are not among the `count` to keep, the newest first.
  ///
  /// The current one stays, the one that a rollback would go to, unless `includingPrevious`, and
  /// those of runs with stages that have not come to an end; they count among those kept. The rest
  /// of the places is for the newest.
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
    var kept = Set(open).union(models.filter { $0.state == .current }.map(\.id))
    if !includingPrevious {
      do { kept.insert(try rollbackTarget(name).id) } catch is RegistryError {
        // There is nothing to go back to.
      }
    }
    for model in models where kept.count < count { kept.insert(model.id) }
    return models.filter { !kept.contains($0.id) }
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
