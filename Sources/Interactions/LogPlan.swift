/// What has to be read from which column of a log, once definitions and columns are held together.
package struct LogPlan: Sendable {
  /// One stream of plain values, computed from one column alone unless it says otherwise.
  package enum Source: Hashable, Codable, Sendable {
    /// Codes of ids in the dictionary of column `dictionary`, an `Int32` a row, -1 where missing.
    case codes(dictionary: Int)
    /// Table rows by hash, an `Int32` a row, 0 where missing.
    case hashedRows(rowCount: Int)
    /// As ``codes(dictionary:)``, for `longest` elements of a list, the first without an `excess`.
    case listCodes(
      dictionary: Int, longest: Int, excess: FeatureDefinition.IDList.Excess? = nil)
    /// As ``hashedRows(rowCount:)``, for `longest` elements of a list, the first without an `excess`.
    case listHashedRows(
      rowCount: Int, longest: Int, excess: FeatureDefinition.IDList.Excess? = nil)
    /// Codes of combinations, whole numbers mixed of the parts, in a dictionary of their own, an
    /// `Int32` a row, -1 where all parts are missing.
    case crossCodes(dictionary: Int, parts: [CrossPart])
    /// Table rows of combinations by hash, an `Int32` a row, 0 where all parts are missing.
    case crossHashedRows(rowCount: Int, parts: [CrossPart])
    /// Table rows of a part of a timestamp, an `Int32` a row, 0 where missing.
    case timePart(FeatureDefinition.TimePart)
    /// Numbers, clipped and transformed, a `Double` a row, NaN where missing.
    case number(FeatureDefinition.NumberScaling.Transform, lowest: Double?, highest: Double?)
    /// Vectors of `length` numbers, as many `Float` a row, all NaN where missing.
    case vector(length: Int)
    /// ``Label`` raw values, a `UInt8` a row.
    case label
    /// Microseconds since 1970, an `Int64` a row.
    case time
    /// Numbers that tell users or requests apart, an `Int64` a row, `Int64.min` where missing.
    case group
    /// Numbers that tell rows apart, mixed from the values of these columns, an `Int64` a row.
    case key(columns: [Int])
    /// What rows count in training, finite and at least 0, a `Float` a row.
    case weight
  }

  /// One of the values that a cross combines.
  package struct CrossPart: Hashable, Codable, Sendable {
    package var column: Int
    /// Of a time; nil where the value is an id.
    package var timePart: FeatureDefinition.TimePart?
  }

  /// Whose ids a dictionary numbers.
  package struct Dictionary: Sendable {
    /// A column or a cross.
    package var name: String
    package var holdsTexts: Bool
  }

  /// A source and the column that it reads, the first one of a cross.
  package struct ColumnSource: Hashable, Codable, Sendable {
    package var column: Int
    package var source: Source
  }

  package struct Feature: Sendable {
    package var definition: FeatureDefinition
    /// The feature that owns the embedding table: this one, unless it shares another's.
    package var owner: Int
    package var source: ColumnSource
  }

  package struct Task: Sendable {
    package var name: String
    package var source: ColumnSource?
    /// The task that has to be positive first.
    package var parent: Int?
  }

  package let columns: [ColumnDescription]
  /// One for each column, then one for each cross.
  package private(set) var dictionaries: [Dictionary]
  package private(set) var features: [Feature] = []
  package private(set) var tasks: [Task] = []
  package let time: ColumnSource?
  package let user: ColumnSource?
  package let request: ColumnSource?
  /// Nil where rows need not be told apart.
  package let key: ColumnSource?
  /// Nil where all rows count the same.
  package let weight: ColumnSource?
  /// The columns by which messages name a row.
  package let naming: [Int]

  /// Every source that is needed, once each.
  package var sources: [ColumnSource] {
    var seen: Set<ColumnSource> = []
    let all =
      features.map(\.source) + tasks.compactMap(\.source)
      + [time, user, request, key, weight]
      .compactMap { $0 }
    return all.filter { seen.insert($0).inserted }
  }

  /// Holds definitions and roles against the columns of a log.
  ///
  /// With `rolesAreOptional`, role columns may be absent, as they are for rows still to be scored.
  package init(
    columns: [ColumnDescription], features: [FeatureDefinition], roles: LogRoles,
    rolesAreOptional: Bool = false
  ) throws(LogEncodingError) {
    self.columns = columns
    dictionaries = columns.map { Dictionary(name: $0.name, holdsTexts: $0.kind.holdsTexts) }
    let finder = ColumnFinder(columns: columns, rolesAreOptional: rolesAreOptional)
    time = try finder.role(roles.time, "time", .time, fitting: [.time])
    user = try finder.role(roles.user, "user", .group, fitting: [.integer, .text])
    request = try finder.role(roles.request, "request", .group, fitting: [.integer, .text])
    _ = try finder.role(roles.item, "item", .group, fitting: [.integer, .text])
    key = roles.identifiesRows && !rolesAreOptional ? try finder.key(roles) : nil
    weight = try finder.role(roles.weight, "weight", .weight, fitting: [.integer, .number])
    naming = finder.naming(roles)
    for task in roles.tasks {
      let source = try finder.role(
        task.column, "label of task \(task.name)", .label, fitting: [.boolean, .integer, .number])
      tasks.append(Task(name: task.name, source: source, parent: try Self.parent(task, roles)))
    }
    for feature in features { try feature.check() }
    try Self.checkNames(features, roles)
    for (index, feature) in features.enumerated() {
      self.features.append(
        try finder.feature(index, among: features, nextDictionary: dictionaries.count))
      if case .cross = feature.encoding {
        dictionaries.append(Dictionary(name: feature.name, holdsTexts: false))
      }
    }
  }

  private static func parent(
    _ task: LogRoles.TaskLabel, _ roles: LogRoles
  ) throws(LogEncodingError) -> Int? {
    guard let first = task.after else { return nil }
    var next: String? = first
    for _ in 0...roles.tasks.count {
      guard let name = next else { return roles.tasks.firstIndex { $0.name == first } }
      guard let parent = roles.tasks.first(where: { $0.name == name }) else { break }
      next = parent.after
    }
    throw .badParent(task: task.name, parent: first)
  }

  private static func checkNames(
    _ features: [FeatureDefinition], _ roles: LogRoles
  ) throws(LogEncodingError) {
    var names: Set<String> = []
    for feature in features {
      guard names.insert(feature.name).inserted else { throw .duplicateName(feature.name) }
      for name in feature.possibleNumberNames where name != feature.name {
        guard names.insert(name).inserted else { throw .duplicateName(name) }
      }
    }
    var tasks: Set<String> = []
    for task in roles.tasks where !tasks.insert(task.name).inserted {
      throw .duplicateName(task.name)
    }
  }
}

/// Finds columns by name and checks that their kinds fit.
private struct ColumnFinder {
  let columns: [ColumnDescription]
  let rolesAreOptional: Bool

  func role(
    _ name: String?, _ role: String, _ source: LogPlan.Source, fitting kinds: [ColumnKind]
  ) throws(LogEncodingError) -> LogPlan.ColumnSource? {
    guard let name, !rolesAreOptional || columns.contains(where: { $0.name == name }) else {
      return nil
    }
    return LogPlan.ColumnSource(column: try column(name, role, fitting: kinds), source: source)
  }

  func key(_ roles: LogRoles) throws(LogEncodingError) -> LogPlan.ColumnSource {
    if let name = roles.key {
      let column = try column(name, "key", fitting: [.integer, .text])
      return LogPlan.ColumnSource(column: column, source: .key(columns: [column]))
    }
    var columns: [Int] = []
    for name in [roles.request, roles.user, roles.item].compactMap(\.self) {
      columns.append(try column(name, "key", fitting: [.integer, .text]))
    }
    let time = try column(roles.time, "time", fitting: [.time])
    return LogPlan.ColumnSource(column: time, source: .key(columns: columns + [time]))
  }

  /// The key's column where it is there, else those of request, user and item.
  func naming(_ roles: LogRoles) -> [Int] {
    func places(_ names: [String?]) -> [Int] {
      names.compactMap { name in columns.firstIndex { $0.name == name } }
    }
    let key = places([roles.key])
    return key.isEmpty ? places([roles.request, roles.user, roles.item]) : key
  }

  func column(
    _ name: String, _ role: String, fitting kinds: [ColumnKind]
  ) throws(LogEncodingError) -> Int {
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      let nearest = Spelling.nearest(to: name, among: columns.map(\.name))
      throw .missingColumn(name, role: role, closest: nearest)
    }
    let column = columns[index]
    guard kinds.contains(column.kind) else {
      throw .wrongKind(
        column: name, databaseType: column.databaseType, role: role,
        fits: kinds.map(\.phrase).joined(separator: ", "))
    }
    return index
  }

  func feature(
    _ index: Int, among features: [FeatureDefinition], nextDictionary: Int
  ) throws(LogEncodingError) -> LogPlan.Feature {
    let definition = features[index]
    let role = "\(definition.encoding.phrase) \(definition.name)"
    let column = try column(definition.column, role, fitting: definition.encoding.fittingKinds)
    var owner = index
    let source: LogPlan.Source
    switch definition.encoding {
    case .id(let table):
      switch table.rows {
      case .vocabulary: source = .codes(dictionary: column)
      case .hashed(let rowCount): source = .hashedRows(rowCount: rowCount)
      }
    case .list(let list):
      switch list.table {
      case .own(let table):
        source = .list(list, table.rows, dictionary: column)
      case .shared(let named):
        owner = try self.owner(named, for: definition, among: features)
        let ids = features[owner]
        guard case .id(let table) = ids.encoding else {
          preconditionFailure("\(named) owns no table")
        }
        let ownerColumn = try self.column(
          ids.column, "id \(named)", fitting: ids.encoding.fittingKinds)
        let areTexts = columns[ownerColumn].kind == .text
        guard areTexts == (columns[column].kind == .textList) else {
          throw .wrongKind(
            column: definition.column, databaseType: columns[column].databaseType,
            role: "\(role), which shares the table of \(named)",
            fits: areTexts ? ColumnKind.textList.phrase : ColumnKind.integerList.phrase)
        }
        source = .list(list, table.rows, dictionary: ownerColumn)
      }
    case .number(let scaling):
      source = .number(scaling.transform, lowest: scaling.lowest, highest: scaling.highest)
    case .timePart(let part, _):
      source = .timePart(part)
    case .rate:
      source = .codes(dictionary: column)
    case .vector(let vector):
      source = .vector(length: vector.length)
    case .cross(let names, let table):
      let parts = try crossParts(names, of: definition, among: features)
      switch table.rows {
      case .vocabulary: source = .crossCodes(dictionary: nextDictionary, parts: parts)
      case .hashed(let rowCount): source = .crossHashedRows(rowCount: rowCount, parts: parts)
      }
    }
    return LogPlan.Feature(
      definition: definition, owner: owner,
      source: LogPlan.ColumnSource(column: column, source: source))
  }

  private func crossParts(
    _ names: [String], of cross: FeatureDefinition, among features: [FeatureDefinition]
  ) throws(LogEncodingError) -> [LogPlan.CrossPart] {
    var parts: [LogPlan.CrossPart] = []
    for name in names {
      guard let part = features.first(where: { $0.name == name && $0.canBeCrossed }) else {
        let known = features.filter(\.canBeCrossed).map(\.name)
        throw .unknownPart(
          cross: cross.name, named: name, closest: Spelling.nearest(to: name, among: known))
      }
      let column = try column(
        part.column, "\(part.encoding.phrase) \(name)", fitting: part.encoding.fittingKinds)
      var timePart: FeatureDefinition.TimePart?
      if case .timePart(let part, _) = part.encoding { timePart = part }
      parts.append(LogPlan.CrossPart(column: column, timePart: timePart))
    }
    return parts
  }

  private func owner(
    _ name: String, for list: FeatureDefinition, among features: [FeatureDefinition]
  ) throws(LogEncodingError) -> Int {
    let owners = features.filter { if case .id = $0.encoding { true } else { false } }
    guard owners.contains(where: { $0.name == name }),
      let index = features.firstIndex(where: { $0.name == name })
    else {
      throw .unknownTable(
        feature: list.name, named: name,
        closest: Spelling.nearest(to: name, among: owners.map(\.name)))
    }
    return index
  }
}

extension LogPlan {
  /// The kind of a feature's values: combinations are whole numbers.
  package func kind(of feature: Feature) -> ColumnKind {
    if case .cross = feature.definition.encoding { return .integer }
    return columns[feature.source.column].kind
  }
}

extension FeatureDefinition {
  /// Whether a cross can have the feature as a part.
  fileprivate var canBeCrossed: Bool {
    switch encoding {
    case .id, .timePart: true
    case .list, .number, .rate, .cross, .vector: false
    }
  }
}

extension LogPlan.Source {
  fileprivate static func list(
    _ list: FeatureDefinition.IDList, _ rows: FeatureDefinition.Rows, dictionary: Int
  ) -> Self {
    switch rows {
    case .vocabulary:
      .listCodes(dictionary: dictionary, longest: list.longest, excess: list.excess)
    case .hashed(let rowCount):
      .listHashedRows(rowCount: rowCount, longest: list.longest, excess: list.excess)
    }
  }
}

extension ColumnKind {
  /// What the kind is called in messages.
  var phrase: String {
    switch self {
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "a boolean"
    case .text: "a text"
    case .time: "a time"
    case .integerList: "a list of whole numbers"
    case .textList: "a list of texts"
    case .numberList: "a list of numbers"
    }
  }
}
