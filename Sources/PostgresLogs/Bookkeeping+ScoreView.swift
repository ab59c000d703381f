extension Bookkeeping {
  /// Makes a view of a model's current scored candidates, with a column for each task.
  ///
  /// A view that is there already and shows the same is left alone, so that its readers never wait.
  /// One that shows other tasks keeps its owner and whoever may read it. A relation of this name
  /// that is no such view stays, and the server's error is thrown.
  public func showScores(
    schema: String?, name: String, model: String, tasks: [String]
  ) throws(PostgresError) {
    let view = try connection.quotedRelation(schema: schema, name: name)
    let mark =
      "\(Self.viewMark)scored candidates of \(model), tasks \(tasks.joined(separator: ", "))"
    let found = try connection.value(
      "SELECT obj_description(to_regclass($1), 'pg_class') FROM (SELECT to_regclass($1)) AS view",
      [view])
    guard found != mark else { return }
    let names = ["user_id", "item_id", "rank", "value"] + tasks
    if found?.hasPrefix(Self.viewMark) == true {
      if try names.starts(with: columnNames(of: view)) {
        try create(view, "CREATE OR REPLACE VIEW", model: model, tasks: tasks, mark: mark)
      } else {
        let rights = try ViewRights(of: view, on: connection)
        try connection.execute("DROP VIEW \(view)")
        try create(view, "CREATE VIEW", model: model, tasks: tasks, mark: mark)
        try rights.give(to: view, columns: names, on: connection)
      }
    } else {
      try create(view, "CREATE VIEW", model: model, tasks: tasks, mark: mark)
    }
  }

  /// What the comments of views begin with that are ours to change.
  private static let viewMark = "paretorank: "

  private func columnNames(of view: String) throws(PostgresError) -> [String] {
    try connection.query(
      """
      SELECT attname FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
      """, [view]
    ).rows.compactMap { $0[0] }
  }

  private func create(
    _ view: String, _ command: String, model: String, tasks: [String], mark: String
  ) throws(PostgresError) {
    var columns = ["user_id", "item_id", "rank", "value"]
    for (index, task) in tasks.enumerated() {
      columns.append("probabilities[\(index + 1)] AS \(try connection.quotedIdentifier(task))")
    }
    try connection.execute(
      """
      \(command) \(view) AS SELECT \(columns.joined(separator: ", "))
      FROM paretorank.current_scored_candidates WHERE model = \(connection.quotedLiteral(model))
      """)
    try connection.execute("COMMENT ON VIEW \(view) IS \(connection.quotedLiteral(mark))")
  }
}

/// Who owns a view, and what others may do with it and its columns.
private struct ViewRights {
  private struct Grant {
    /// Nil for everybody.
    var role: String?
    /// A word of PostgreSQL, such as `SELECT`.
    var right: String
    var mayPassOn: Bool
    /// Nil for the whole view.
    var column: String?
  }

  /// Nil where it is the connection's user.
  private let owner: String?
  private let grants: [Grant]

  init(of view: String, on connection: PostgresConnection) throws(PostgresError) {
    owner = try connection.value(
      """
      SELECT rolname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
      WHERE pg_class.oid = to_regclass($1) AND rolname <> current_user
      """, [view])
    let rows = try connection.query(
      """
      SELECT rolname, privilege_type, is_grantable, attname FROM (
        SELECT NULL AS attname, entry.* FROM pg_class, aclexplode(relacl) AS entry
        WHERE oid = to_regclass($1)
        UNION ALL
        SELECT attname, entry.* FROM pg_attribute, aclexplode(attacl) AS entry
        WHERE attrelid = to_regclass($1) AND NOT attisdropped
      ) AS entries LEFT JOIN pg_roles ON pg_roles.oid = grantee
      WHERE grantee = 0 OR rolname IS NOT NULL
      """, [view]
    ).rows
    grants = rows.map {
      Grant(role: $0[0], right: $0[1] ?? "SELECT", mayPassOn: $0[2] == "t", column: $0[3])
    }
  }

  /// Grants the same again, but for columns that are gone.
  func give(
    to view: String, columns: [String], on connection: PostgresConnection
  ) throws(PostgresError) {
    for grant in grants {
      var right = grant.right
      if let column = grant.column {
        guard columns.contains(column) else { continue }
        right += " (\(try connection.quotedIdentifier(column)))"
      }
      var role = "PUBLIC"
      if let name = grant.role { role = try connection.quotedIdentifier(name) }
      try connection.execute(
        "GRANT \(right) ON \(view) TO \(role)" + (grant.mayPassOn ? " WITH GRANT OPTION" : ""))
    }
    if let owner {
      try connection.execute("ALTER VIEW \(view) OWNER TO \(connection.quotedIdentifier(owner))")
    }
  }
}
