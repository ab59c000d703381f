internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

/// Rows that are checked, and their columns.
struct CheckedSource {
  let sql: String
  /// Columns of types that can be read.
  let columns: [ColumnDescription]
  /// Types of the other columns, by name.
  let unsupported: [String: String]

  init(_ sql: String, on connection: PostgresConnection) throws {
    self.sql = sql
    (columns, unsupported) = try connection.describedColumns(of: sql)
  }

  func column(_ name: String) -> ColumnDescription? { columns.first { $0.name == name } }

  func kind(of name: String) -> ColumnKind? { column(name)?.kind }
}

/// Finds every column that is missing or of a type that doesn't fit.
struct CheckedColumns {
  private let source: CheckedSource
  private let configuration: RunConfiguration
  private(set) var problems: [CheckJob.Problem] = []
  private(set) var warnings: [String] = []
  /// Features and labels without a problem, by column.
  private(set) var features: [FeatureDefinition] = []
  private(set) var tasks: [RunConfiguration.TaskDefinition] = []
  /// Whether there is a column of weights without a problem.
  private(set) var hasWeight = false

  /// Stands in for the time column, so that each role can be held against the columns alone.
  private static let clock = ColumnDescription(name: "", kind: .time, databaseType: "")

  init(_ source: CheckedSource, _ configuration: RunConfiguration) {
    self.source = source
    self.configuration = configuration
  }

  func column(_ name: String) -> ColumnDescription? { source.column(name) }

  mutating func checkLog() {
    let rows = configuration.impressions
    check(LogRoles(time: rows.time, tasks: []))
    check(LogRoles(time: Self.clock.name, user: rows.user, tasks: []))
    check(LogRoles(time: Self.clock.name, item: rows.item, tasks: []))
    check(LogRoles(time: Self.clock.name, request: rows.request, tasks: []))
    hasWeight =
      check(LogRoles(time: Self.clock.name, weight: rows.weight, tasks: [])) && rows.weight != nil
    checkKey()
    for task in configuration.tasks {
      let label = LogRoles.TaskLabel(name: task.name, column: task.label)
      if check(LogRoles(time: Self.clock.name, tasks: [label])) { tasks.append(task) }
      if let truth = task.truth {
        do {
          _ = try source.columns.numberColumn(truth, role: task.truthRole)
        } catch {
          warnings.append("task \(task.name) has no best possible AUC: \(message(of: error))")
        }
      }
    }
    checkFeatures()
  }

  /// Only nights read the key, so the setting is named.
  private mutating func checkKey() {
    guard let key = configuration.impressions.key else { return }
    if source.column(key) != nil || source.unsupported[key] != nil {
      check(LogRoles(time: Self.clock.name, key: key, identifiesRows: true, tasks: []))
      return
    }
    let names = source.columns.map(\.name)
    let hint = Spelling.hint(Spelling.nearest(to: key, among: names))
    problems.append(
      CheckJob.Problem(
        kind: .configuration,
        message: """
          impressions.key: \(configuration.impressions.rows.name) has no column \(key)\(hint)
          """))
  }

  mutating func checkCandidates(_ scoring: RunConfiguration.Scoring) {
    check(LogRoles(time: Self.clock.name, user: scoring.user, tasks: []))
    check(LogRoles(time: Self.clock.name, item: scoring.item, tasks: []))
    for variable in scoring.value.variables
    where !configuration.tasks.contains(where: { $0.name == variable }) {
      do {
        _ = try source.columns.numberColumn(variable, role: "a variable of scoring.value")
      } catch {
        add(error)
      }
    }
    checkFeatures()
  }

  private mutating func checkFeatures() {
    for feature in configuration.features {
      let others = configuration.features.filter { feature.neededFeatures.contains($0.name) }
      let needed = others.filter { $0.name != feature.name } + [feature]
      if check(LogRoles(time: Self.clock.name, tasks: []), needed) { features.append(feature) }
    }
  }

  @discardableResult
  private mutating func check(_ roles: LogRoles, _ features: [FeatureDefinition] = []) -> Bool {
    do {
      _ = try LogPlan(columns: source.columns + [Self.clock], features: features, roles: roles)
      return true
    } catch {
      add(error)
      return false
    }
  }

  private mutating func add(_ error: LogEncodingError) {
    var problem = CheckJob.Problem(kind: .configuration, message: message(of: error))
    switch error {
    case .missingColumn(let name, _, _) where source.unsupported[name] != nil: problem.kind = .data
    case .wrongKind: problem.kind = .data
    default: break
    }
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// What to say; a column may be missing only because its type can't be read.
  private func message(of error: LogEncodingError) -> String {
    guard case .missingColumn(let name, _, _) = error, let type = source.unsupported[name] else {
      return error.description
    }
    return PostgresError.unsupportedType(column: name, type: type).description
  }

  /// The columns that the configuration uses and that are there.
  var reports: [CheckJob.Column] {
    let rows = configuration.impressions
    var roles: [(column: String, role: String)] = [(rows.time, "time")]
    for (column, role) in [
      (rows.key, "key"), (rows.request, "request"), (rows.user, "user"), (rows.item, "item"),
      (rows.weight, "weight"),
    ] {
      if let column { roles.append((column, role)) }
    }
    roles += configuration.tasks.map { ($0.label, "label \($0.name)") }
    for feature in configuration.features {
      let others = configuration.features.filter { feature.neededFeatures.contains($0.name) }
      let columns =
        if case .cross = feature.encoding { others.map(\.column) } else { [feature.column] }
      roles += columns.map { ($0, "feature \(feature.name)") }
    }
    var reports: [CheckJob.Column] = []
    for (name, role) in roles {
      if let index = reports.firstIndex(where: { $0.name == name }) {
        reports[index].roles.append(role)
      } else if let column = source.column(name) {
        reports.append(
          CheckJob.Column(name: name, type: column.databaseType, roles: [role]))
      }
    }
    return reports
  }
}
