import Interactions

extension FeatureDefinition {
  /// The keys that say what a feature is; their values are the feature's column.
  static let kindKeys = ["id", "category", "number", "list", "hour", "weekday", "rate", "vector"]

  /// The names of the features that a cross combines; nil for another kind.
  static func crossed(_ checked: CheckedValue) -> [String]? {
    checked["cross"].map { $0.elements.compactMap(\.text) }
  }

  /// A feature's kind and column, where the value has them; a cross has no column of its own.
  static func kind(of checked: CheckedValue) -> (key: String, column: String)? {
    kindKeys.lazy.compactMap { key in checked[key]?.text.map { (key, $0) } }.first
  }

  /// The name a feature goes by: its own, or one made from its column.
  static func name(of checked: CheckedValue) -> String? {
    if let parts = crossed(checked) {
      return checked["name"]?.text ?? (parts.count > 1 ? name(ofCross: parts) : nil)
    }
    return kind(of: checked).map { checked["name"]?.text ?? name(of: $0.key, column: $0.column) }
  }

  /// The name a feature goes by in a configuration that is not checked yet.
  static func name(of node: YAMLNode) -> String? {
    if let own = node["name"]?.text { return own }
    if let parts = node["cross"]?.elements { return name(ofCross: parts.compactMap(\.text)) }
    return kindKeys.lazy.compactMap { key in node[key]?.text.map { name(of: key, column: $0) } }
      .first
  }

  private static func name(ofCross parts: [String]) -> String { parts.joined(separator: "_x_") }

  private static func name(of kind: String, column: String) -> String {
    TimePart(rawValue: kind) != nil || kind == "rate" ? "\(column)_\(kind)" : column
  }

  /// Types a feature that the schema and the semantic checks have passed.
  ///
  /// `features` and `tasks` are the configuration's, some of which a feature may name.
  init(
    _ checked: CheckedValue, among features: [CheckedValue],
    tasks: [RunConfiguration.TaskDefinition]
  ) {
    if let parts = Self.crossed(checked) {
      guard let name = Self.name(of: checked),
        let first = features.first(where: { Self.name(of: $0) == parts.first }),
        let column = Self.kind(of: first)?.column
      else { preconditionFailure("\(checked.path) passed as a cross") }
      self.init(name: name, column: column, encoding: .cross(of: parts, IDTable(checked)))
      return
    }
    guard let kind = Self.kind(of: checked), let name = Self.name(of: checked) else {
      preconditionFailure("\(checked.path) passed as a feature")
    }
    let encoding: Encoding
    switch kind.key {
    case "list": encoding = .list(IDList(checked))
    case "number": encoding = .number(NumberScaling(checked))
    case "vector":
      encoding = .vector(
        NumberVector(
          length: checked.integer("length"), standardise: checked.flag("standardise")))
    case "rate": encoding = .rate(IDRate(checked, tasks: tasks))
    case "hour", "weekday":
      encoding = .timePart(
        kind.key == "hour" ? .hour : .weekday, dimension: checked.integer("dimension"))
    default: encoding = .id(IDTable(checked))
    }
    self.init(name: name, column: kind.column, encoding: encoding)
  }
}

extension FeatureDefinition.IDTable {
  fileprivate init(_ checked: CheckedValue) {
    let rows: FeatureDefinition.Rows =
      checked["hash"]?.integer.map { .hashed(rowCount: $0) }
      ?? .vocabulary(minimumCount: checked.integer("minimum_count"))
    self.init(rows: rows, dimension: checked.integer("dimension"))
  }
}

extension FeatureDefinition.IDList {
  fileprivate init(_ checked: CheckedValue) {
    let table: Table =
      checked["shares"]?.text.map { .shared(feature: $0) }
      ?? .own(FeatureDefinition.IDTable(checked))
    self.init(
      table: table, pooling: checked.choice("pooling"), longest: checked.integer("longest"),
      excess: checked.flag("strict") ? .refuse : checked.text("keep") == "last" ? .keepLast : nil)
  }
}

extension FeatureDefinition.IDRate {
  fileprivate init(_ checked: CheckedValue, tasks: [RunConfiguration.TaskDefinition]) {
    let names = checked["tasks"]?.elements.compactMap(\.text) ?? tasks.map(\.name)
    self.init(
      tasks: names.map { name in
        Task(name: name, window: tasks.first { $0.name == name }?.window)
      }, prior: checked.number("prior"), isOwn: checked.flag("own"))
  }
}

extension FeatureDefinition.NumberScaling {
  fileprivate init(_ checked: CheckedValue) {
    let output: Output =
      if let count = checked["buckets"]?.integer {
        .buckets(count: count, dimension: checked.integer("dimension"))
      } else if checked.text("encoding") == "piecewise_linear" {
        .piecewiseLinear(bins: checked.integer("bins"))
      } else {
        .float(standardise: checked.flag("standardise"))
      }
    self.init(
      transform: checked.choice("transform"), lowest: checked["lowest"]?.number,
      highest: checked["highest"]?.number, output: output)
  }
}
