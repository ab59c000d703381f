/// Why a log can't be encoded as asked.
public enum LogEncodingError: Error, Equatable, CustomStringConvertible {
  /// The log lacks a column that a feature or a role names.
  case missingColumn(String, role: String, closest: String?)
  /// A column's type can't play its role.
  case wrongKind(column: String, databaseType: String, role: String, fits: String)
  /// A value isn't what the column's role needs. Rows count from 1, in reading order; `name` says which
  /// one it is, where that is known.
  case badValue(column: String, row: Int, name: String = "", found: String, expected: String)
  /// Two features or two tasks share a name.
  case duplicateName(String)
  /// A list shares the table of a feature that isn't there or has none to share.
  case unknownTable(feature: String, named: String, closest: String?)
  /// A cross combines a feature that isn't there or is neither an id nor a part of a time.
  case unknownPart(cross: String, named: String, closest: String?)
  /// A task comes after one that isn't there, or after itself.
  case badParent(task: String, parent: String)
  /// A feature's settings contradict themselves.
  case badFeature(String, reason: String)
  /// The log has more rows than this version can hold.
  case tooManyRows(Int)

  public var description: String {
    switch self {
    case .missingColumn(let name, let role, let closest):
      "there is no column \(name), needed as \(role)" + Spelling.hint(closest)
    case .wrongKind(let column, let type, let role, let fits):
      "column \(column) is \(type) and can't be \(role); what fits: \(fits)"
    case .badValue(let column, let row, let name, let found, let expected):
      "row \(row)\(name.isEmpty ? "" : " (\(name))"): \(column) is \(found), not \(expected)"
    case .duplicateName(let name): "\(name) is defined twice"
    case .unknownTable(let feature, let named, let closest):
      "list \(feature) shares the table of \(named), but no id feature has that name"
        + Spelling.hint(closest)
    case .unknownPart(let cross, let named, let closest):
      "cross \(cross) combines \(named), but no id, category, hour or weekday feature has that name"
        + Spelling.hint(closest)
    case .badParent(let task, let parent):
      "task \(task) can't come after \(parent): "
        + (task == parent ? "that is the task itself" : "no such task, or a circle")
    case .badFeature(let name, let reason): "feature \(name): \(reason)"
    case .tooManyRows(let limit):
      "the log has more than \(limit) rows; narrow the time window"
    }
  }
}
