import Interactions
import Networks

/// What a configuration must fulfil beyond the schema: names that exist, times in order.
///
/// It works on whatever part fits the schema, so that one reading reports every mistake.
struct SemanticChecks {
  let root: CheckedValue
  private var issues: [ConfigurationIssue] = []

  /// Every such mistake in a configuration.
  static func issues(of root: CheckedValue) -> [ConfigurationIssue] {
    var checks = SemanticChecks(root: root)
    checks.checkImpressions()
    checks.checkTasks()
    checks.checkFunnel()
    checks.checkFeatures()
    checks.checkInteractions()
    checks.checkGates()
    checks.checkRule()
    checks.checkSplit()
    checks.checkCombiner()
    checks.checkScoring()
    checks.checkOutput()
    checks.checkNightly()
    return checks.issues
  }

  private init(root: CheckedValue) { self.root = root }

  mutating func report(
    _ value: CheckedValue, _ problem: String, suggestion: String? = nil
  ) {
    issues.append(
      ConfigurationIssue(
        origin: value.place, path: value.path, problem: problem, suggestion: suggestion))
  }

  var tasks: [CheckedValue] { root["tasks"]?.elements ?? [] }
  var features: [CheckedValue] { root["features"]?.elements ?? [] }
  private var taskNames: [String] { tasks.compactMap { $0["name"]?.text }.distinct }

  // MARK: Rows

  private mutating func checkImpressions() {
    guard let impressions = root["impressions"] else { return }
    checkRows(impressions)
  }

  private mutating func checkRows(_ rows: CheckedValue) {
    if let from = rows["from"] { checkRelation(from) }
    if let query = rows["query"] { checkQuery(query) }
  }

  mutating func checkQuery(_ query: CheckedValue) {
    guard let text = query.text, let semicolon = text.trimmed.firstIndex(of: ";"),
      text.trimmed[semicolon...].dropFirst().isEmpty
    else { return }
    report(query, "a query ends without a semicolon")
  }

  private mutating func checkRelation(_ value: CheckedValue) {
    guard let text = value.text, RunConfiguration.Relation(text) == nil else { return }
    report(
      value,
      "\(YAMLNode.quoted(text)) is not a table's name: name or schema.name, a name with a dot in "
        + "double quotes")
  }

  // MARK: Tasks

  private mutating func checkTasks() {
    var seen: Set<String> = []
    let functions = ValueFormula.Function.allCases.map(\.rawValue)
    for task in tasks {
      guard let value = task["name"], let name = value.text else { continue }
      if !name.isIdentifier {
        report(
          value,
          "\(YAMLNode.quoted(name)) is not a word of letters, digits and _, first no digit")
      } else if functions.contains(name) {
        report(value, "\(name) is a function of value formulas; call the task something else")
      }
      if !seen.insert(name).inserted { report(value, "a second task called \(name)") }
    }
    for task in tasks {
      guard let after = task["after"], let parent = after.text else { continue }
      if parent == task["name"]?.text {
        report(after, "a task cannot come after itself")
      } else {
        checkTaskName(after)
      }
    }
    checkCycles()
    checkReads()
  }

  mutating func checkTaskName(_ value: CheckedValue) {
    guard let name = value.text, !taskNames.contains(name) else { return }
    reportNoTask(value, name)
  }

  private mutating func reportNoTask(_ value: CheckedValue, _ name: String) {
    report(
      value,
      "\(YAMLNode.quoted(name)) is not a task; there are \(taskNames.joined(separator: ", "))",
      suggestion: Spelling.nearest(to: name, among: taskNames).map(YAMLNode.quoted))
  }

  private mutating func checkCycles() {
    var parents: [String: String] = [:]
    for task in tasks {
      if let name = task["name"]?.text, let after = task["after"]?.text, name != after {
        parents[name] = after
      }
    }
    var settled: Set<String> = []
    for task in tasks {
      guard let after = task["after"], var name = task["name"]?.text else { continue }
      var trail: [String] = []
      while let parent = parents[name], !settled.contains(name), !trail.contains(name) {
        trail.append(name)
        name = parent
      }
      if let start = trail.firstIndex(of: name) {
        let loop = (trail[start...] + [name]).joined(separator: " after ")
        report(after, "the funnel runs in a circle: \(loop)")
      }
      settled.formUnion(trail)
    }
  }

  // MARK: Features

  private mutating func checkFeatures() {
    var outcomes: [String: String] = [:]
    for task in tasks {
      let name = task["name"]?.text ?? "?"
      if let truth = task["truth"]?.text { outcomes[truth] = "true probability of task \(name)" }
      if let label = task["label"]?.text { outcomes[label] = "label of task \(name)" }
    }
    func names(_ kinds: [String]) -> [String] {
      features.filter { feature in kinds.contains { feature[$0] != nil } }
        .compactMap(FeatureDefinition.name).distinct
    }
    let embedded = names(["id", "category"])
    let crossable = names(["id", "category", "hour", "weekday"])
    var seen: Set<String> = []
    for feature in features {
      let kind = FeatureDefinition.kind(of: feature)
      guard let name = FeatureDefinition.name(of: feature),
        let source = feature[kind?.key ?? "cross"]
      else { continue }
      if !seen.insert(name).inserted {
        report(
          feature["name"] ?? source,
          "a second feature called \(name); give one of them a name of its own")
      }
      if let column = kind?.column, let role = outcomes[column] {
        report(source, "\(column) is the \(role), which no feature may look at")
      }
      switch kind?.key {
      case nil: checkCross(feature, crossable: crossable)
      case "list": checkList(feature, embedded: embedded)
      case "number": checkNumber(feature)
      case "rate": checkRate(feature)
      case "vector": break
      default: checkTable(feature)
      }
    }
  }

  private mutating func checkList(_ feature: CheckedValue, embedded: [String]) {
    if let keep = feature["keep"], !keep.isDefault, feature["strict"]?.flag == true {
      report(keep, "strict refuses longer lists; leave out keep or strict")
    }
    guard let shares = feature["shares"], let name = shares.text else {
      if let pooling = feature["pooling"], pooling.text == InputSchema.Pooling.attention.rawValue {
        report(
          pooling,
          "attention holds a list's elements against the row's own id of the same table; add shares, "
            + "the name of an id or category feature")
      }
      return checkTable(feature)
    }
    if !embedded.contains(name) {
      let known =
        embedded.isEmpty ? "there are none" : "there are \(embedded.joined(separator: ", "))"
      report(
        shares, "\(YAMLNode.quoted(name)) is not an id or category feature; \(known)",
        suggestion: Spelling.nearest(to: name, among: embedded).map(YAMLNode.quoted))
    }
    for key in ["dimension", "minimum_count", "hash"] {
      if let value = feature[key], !value.isDefault {
        report(value, "the list shares the table of \(name), which has its own \(key)")
      }
    }
  }

  private mutating func checkCross(_ feature: CheckedValue, crossable: [String]) {
    checkTable(feature)
    var seen: Set<String> = []
    for part in feature["cross"]?.elements ?? [] {
      guard let name = part.text else { continue }
      if !crossable.contains(name) {
        let known =
          crossable.isEmpty ? "there are none" : "there are \(crossable.joined(separator: ", "))"
        report(
          part,
          "\(YAMLNode.quoted(name)) is not an id, category, hour or weekday feature; \(known)",
          suggestion: Spelling.nearest(to: name, among: crossable).map(YAMLNode.quoted))
      } else if !seen.insert(name).inserted {
        report(part, "\(name) is there twice")
      }
    }
  }

  private mutating func checkRate(_ feature: CheckedValue) {
    var seen: Set<String> = []
    for task in feature["tasks"]?.elements ?? [] {
      checkTaskName(task)
      if let name = task.text, !seen.insert(name).inserted {
        report(task, "\(name) is there twice")
      }
    }
  }

  private mutating func checkTable(_ feature: CheckedValue) {
    if let count = feature["minimum_count"], !count.isDefault, feature["hash"] != nil {
      report(count, "a hashed table keeps no counts; leave out minimum_count or hash")
    }
  }

  private mutating func checkNumber(_ feature: CheckedValue) {
    if let lowest = feature["lowest"]?.number, let value = feature["highest"],
      let highest = value.number, lowest >= highest
    {
      report(value, "highest is not above lowest")
    }
    let isPiecewise = feature["encoding"]?.text == "piecewise_linear"
    if isPiecewise {
      if let value = feature["buckets"] {
        report(value, "a number is cut into buckets or spread over bins, not both")
      }
      if let value = feature["standardise"], !value.isDefault {
        report(value, "bins are not standardised; leave out standardise or encoding")
      }
    } else if let value = feature["bins"], !value.isDefault {
      report(value, "bins are those of encoding: piecewise_linear")
    }
    if feature["buckets"] != nil {
      if let value = feature["standardise"], !value.isDefault, !isPiecewise {
        report(value, "buckets are not standardised; leave out standardise or buckets")
      }
    } else if let value = feature["dimension"], !value.isDefault {
      report(value, "a number without buckets has no embedding; leave out dimension or add buckets")
    }
  }

  // MARK: Split

  private mutating func checkSplit() {
    guard let split = root["split"], let by = split["by"]?.text else { return }
    let parts = ["train", "validation", "test"].compactMap { split[$0] }
    if by == "random" {
      let sum = parts.compactMap(\.number).reduce(0, +)
      if sum > 1 + 1e-9 {
        report(split, "the shares add up to \((sum * 1e6).rounded() / 1e6), more than 1")
      }
      return
    }
    let windows = parts.filter { $0.text == nil }
    if windows.isEmpty {
      for part in parts where part.path != "split.train" || part.text != "all" {
        checkSpan(part)
      }
      return
    }
    for part in parts where part.text != nil {
      report(part, "a length of time beside windows; give all three parts from and to")
    }
    var last: (path: String, to: Int64)?
    for part in windows {
      guard let from = moment(part["from"]), let to = moment(part["to"]) else { continue }
      if from >= to { report(part, "the window ends before it begins") }
      if let last, from < last.to {
        report(part, "the window begins before \(last.path) ends")
      }
      last = (part.path, to)
    }
  }

  mutating func checkSpan(_ value: CheckedValue) {
    guard let text = value.text, Timestamp.length(text) == nil else { return }
    let isCount =
      text.allSatisfy { $0.isASCII && $0.isNumber } && Timestamp.length("\(text) days") != nil
    report(
      value, "\(YAMLNode.quoted(text)) is not a length of time, such as 90 minutes or 28 days",
      suggestion: isCount ? YAMLNode.quoted("\(text) days") : nil)
  }

  private mutating func moment(_ value: CheckedValue?) -> Int64? {
    guard let value, let text = value.text else { return nil }
    if let moment = Timestamp.time(text) { return moment }
    report(
      value, "\(YAMLNode.quoted(text)) is not a moment, such as 2025-03-01 or 2025-03-01T06:00:00Z")
    return nil
  }

  // MARK: Combiner, scoring, output

  private mutating func checkCombiner() {
    guard let combiner = root["combiner"] else { return }
    if let main = combiner["main"] { checkTaskName(main) }
    let weights = combiner["weights"]?.entries ?? []
    for (name, value) in weights where !taskNames.contains(name) { reportNoTask(value, name) }
    let zeros = Set(weights.filter { $0.value.number == 0 }.map(\.key))
    if let value = combiner["weights"], !zeros.isEmpty, taskNames.allSatisfy(zeros.contains) {
      report(value, "every task has weight 0; nothing would be learnt")
    }
  }

  private mutating func checkScoring() {
    guard let scoring = root["scoring"] else { return }
    if let candidates = scoring["candidates"] { checkRows(candidates) }
    if let table = scoring["to"]?["table"] { checkRelation(table) }
    guard let value = scoring["value"], let text = value.text else { return }
    do {
      let formula = try ValueFormula(text)
      let columns =
        features.compactMap { FeatureDefinition.kind(of: $0)?.column }
        + (scoring["columns"]?.elements.compactMap(\.text) ?? [])
      for name in formula.variables where !taskNames.contains(name) && !columns.contains(name) {
        checkCandidateColumn(name, in: value, known: taskNames + columns)
      }
    } catch {
      report(
        value, "the formula \(YAMLNode.quoted(text)), column \(error.column): \(error.problem)",
        suggestion: error.suggestion)
    }
  }

  /// A name that is neither a task nor a known column may be any column of the candidates.
  ///
  /// One letter away from a known name it is taken for a misspelling.
  private mutating func checkCandidateColumn(
    _ name: String, in value: CheckedValue, known: [String]
  ) {
    let letters = Array(name)
    guard letters.count >= 4, letters.count <= 64,
      let near = known.first(where: {
        $0.count <= 64 && Spelling.distance(letters, Array($0)) == 1
      })
    else { return }
    report(
      value,
      "\(name) is neither a task nor a column that a feature reads, but \(near) is: correct the one that "
        + "is misspelt, or list \(name) under scoring.columns if the candidates have it")
  }

  private mutating func checkOutput() {
    guard let name = root["output"]?["name"], let text = name.text else { return }
    let isSafe = text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
        || "_.-".unicodeScalars.contains($0)
    }
    if !isSafe || text.hasPrefix(".") || text.hasPrefix("-") {
      report(
        name,
        "\(YAMLNode.quoted(text)) is not a name of letters, digits, _, . and -, "
          + "beginning with a letter, a digit or _")
    }
  }
}

extension String {
  /// Whether this is a word of ASCII letters, digits and underscores that begins with no digit.
  var isIdentifier: Bool {
    guard let first = unicodeScalars.first, !("0"..."9").contains(first) else { return false }
    return unicodeScalars.allSatisfy {
      $0 == "_" || ("0"..."9").contains($0) || ("a"..."z").contains($0) || ("A"..."Z").contains($0)
    }
  }
}

extension [String] {
  /// Each text once, in the order of its first occurrence.
  fileprivate var distinct: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
