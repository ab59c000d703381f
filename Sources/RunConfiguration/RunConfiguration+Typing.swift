import Interactions

extension RunConfiguration {
  /// Types a configuration that the schema and the semantic checks have passed.
  init(_ checked: CheckedValue) {
    self.init(
      database: checked["database"]?.text.map(DatabaseAddress.init),
      impressions: Impressions(checked.part("impressions")),
      tasks: checked.part("tasks").decoded(),
      features: checked.part("features").elements.map(FeatureDefinition.init),
      split: Split(checked.part("split")), network: checked.part("network").decoded(),
      combiner: checked.part("combiner").decoded(),
      optimizer: checked.part("optimizer").decoded(),
      training: checked.part("training").decoded(),
      scoring: checked["scoring"].map(Scoring.init), output: checked.part("output").decoded())
  }
}

extension RunConfiguration.Relation {
  fileprivate init(checked text: String) {
    guard let relation = RunConfiguration.Relation(text) else {
      preconditionFailure("\(text) passed as a table's name")
    }
    self = relation
  }
}

extension RunConfiguration.Rows {
  fileprivate init(_ checked: CheckedValue) {
    self =
      checked["query"]?.text.map { .query($0) }
      ?? .relation(RunConfiguration.Relation(checked: checked.text("from")))
  }
}

extension RunConfiguration.Impressions {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      rows: RunConfiguration.Rows(checked), time: checked.text("time"),
      request: checked["request"]?.text, user: checked["user"]?.text, item: checked["item"]?.text,
      condition: checked["where"]?.text)
  }
}

extension Split {
  fileprivate init(_ checked: CheckedValue) {
    func length(_ key: String) -> Int64 {
      guard let length = Timestamp.length(checked.text(key)) else {
        preconditionFailure("split.\(key) passed as a length of time")
      }
      return length
    }
    func window(_ key: String) -> TimeWindow {
      let part = checked.part(key)
      guard let from = Timestamp.time(part.text("from")), let to = Timestamp.time(part.text("to"))
      else { preconditionFailure("split.\(key) passed as a window") }
      return TimeWindow(from: from, to: to)
    }
    if checked.text("by") == "random" {
      self = .random(
        train: checked.number("train"), validation: checked.number("validation"),
        test: checked.number("test"), seed: UInt64(checked.integer("seed")))
    } else if let train = checked.part("train").text {
      self = .lengths(
        train: train == "all" ? nil : length("train"), validation: length("validation"),
        test: length("test"))
    } else {
      self = .windows(
        train: window("train"), validation: window("validation"), test: window("test"))
    }
  }
}

extension RunConfiguration.Scoring {
  fileprivate init(_ checked: CheckedValue) {
    let candidates = checked.part("candidates")
    let to = checked.part("to")
    guard let value = try? ValueFormula(checked.text("value")) else {
      preconditionFailure("scoring.value passed as a formula")
    }
    self.init(
      candidates: RunConfiguration.Rows(candidates), condition: candidates["where"]?.text,
      user: checked.text("user"), item: checked.text("item"), value: value,
      columns: checked.part("columns").elements.compactMap(\.text), top: checked["top"]?.integer,
      destination: to["file"]?.text.map { .file(path: $0) }
        ?? .table(RunConfiguration.Relation(checked: to.text("table"))),
      keep: checked.integer("keep"))
  }
}
