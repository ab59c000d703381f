import Foundation

extension PostgresConnection {
  /// A text that changes when the tables behind a query change, found without reading them.
  ///
  /// The planner names the tables; their file nodes, sizes and counts of inserted, updated and
  /// deleted rows make up the text. The server may take some seconds to count the newest changes,
  /// and a query that depends on the clock, or on settings, changes without its tables. Nil where
  /// the query reads more than plain tables (foreign tables, functions), so that nothing can be told.
  public func fingerprint(of query: String) throws(PostgresError) -> String? {
    let plan = try value("EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) \(query)") ?? "[]"
    guard let tables = PlanTables(json: plan).tables else { return nil }
    var parts: [String] = []
    for table in tables.sorted(by: { ($0.schema, $0.name) < ($1.schema, $1.name) }) {
      let counts = try self.value(
        """
        SELECT concat_ws(':', c.oid, c.relfilenode, pg_relation_size(c.oid),
          s.n_tup_ins, s.n_tup_upd, s.n_tup_del)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
        WHERE n.nspname = $1 AND c.relname = $2
        """, [table.schema, table.name])
      parts.append(counts ?? table.name)
    }
    return parts.joined(separator: ";")
  }
}

/// The tables that a plan in PostgreSQL's JSON form scans.
struct PlanTables {
  struct Table: Hashable {
    var schema: String
    var name: String
  }

  /// Nil where the plan also scans what is not a plain table.
  let tables: Set<Table>?

  init(json: String) {
    var tables: Set<Table> = []
    var isPlain = true
    func visit(_ value: Any) {
      if let list = value as? [Any] { list.forEach(visit) }
      guard let node = value as? [String: Any] else { return }
      let type = node["Node Type"] as? String ?? ""
      if ["Foreign Scan", "Function Scan", "Table Function Scan", "Custom Scan"].contains(type) {
        isPlain = false
      }
      if let name = node["Relation Name"] as? String {
        tables.insert(Table(schema: node["Schema"] as? String ?? "public", name: name))
      }
      node.values.forEach(visit)
    }
    visit((try? JSONSerialization.jsonObject(with: Data(json.utf8))) ?? [])
    self.tables = isPlain ? tables : nil
  }
}
