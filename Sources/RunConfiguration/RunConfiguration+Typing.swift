import Interactions

extension RunConfiguration {
  /// Types a configuration that the schema and the semantic checks have passed.
  init(_ checked: CheckedValue) {
    let tasks = checked.part("tasks").elements.map(TaskDefinition.init)
    let features = checked.part("features").elements
    self.init(
      database: checked["database"]?.text.map(DatabaseAddress.init),
      impressions: Impressions(checked.part("impressions")),
      tasks: tasks,
      features: features.map { FeatureDefinition($0, among: features, tasks: tasks) },
      split: Split(checked.part("split")), network: Network(checked.part("network")),
      combiner: checked.part("combiner").decoded(),
      optimizer: checked.part("optimizer").decoded(),
      training: Training(checked.part("training")),
      scoring: checked["scoring"].map(Scoring.init), output: checked.part("output").decoded(),
      limits: Limits(checked.part("limits")), nightly: Nightly(checked.part("nightly")))
  }
}

extension CheckedValue {
  /// The microseconds of a length of time; nil where the key is absent.
  fileprivate func length(ifAny key: String) -> Int64? {
    self[key].map { value in
      guard let length = value.text.flatMap({ Timestamp.length($0) }) else {
        preconditionFailure("\(value.path) passed as a length of time")
      }
      return length
    }
  }

  fileprivate func length(_ key: String) -> Int64 {
    guard let length = length(ifAny: key) else { preconditionFailure("\(path) lacks \(key)") }
    return length
  }
}

extension RunConfiguration.TaskDefinition {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      name: checked.text("name"), label: checked.text("label"), after: checked["after"]?.text,
      window: checked.length(ifAny: "window"), weight: checked.number("weight"),
      truth: checked["truth"]?.text, learningRate: checked["learning_rate"]?.number,
      labelSmoothing: checked["label_smoothing"]?.number,
      reads: checked["reads"]?.elements.compactMap(\.text))
  }
}

extension RunConfiguration.Network {
  fileprivate init(_ checked: CheckedValue) {
    self = checked.decoded()
    automatic?.keepsExperts = !checked.part("experts").isDefault
  }
}

extension RunConfiguration.Training {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      batch: checked.integer("batch"), epochs: checked.integer("epochs"),
      seed: UInt64(checked.integer("seed")), workers: checked["workers"]?.integer,
      microBatch: checked.integer("micro_batch"), shuffle: checked.flag("shuffle"),
      negatives: checked["negatives"]?.number,
      memory: checked["memory"]?.text.flatMap(MemorySize.bytes),
      earlyStopping: checked["early_stopping"]?.decoded(),
      weightAverage: checked["weight_average"]?.number,
      calibration: checked["calibration"]?.decoded())
  }
}

extension RunConfiguration.Limits {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      statement: checked.length("statement"), lock: checked.length("lock"),
      retry: checked.length("retry"))
  }
}

extension RunConfiguration.Nightly {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      start: checked.choice("start"), epochs: checked.integer("epochs"),
      evaluation: checked.length("evaluation"), holdout: checked.number("holdout"),
      lateness: checked.length("lateness"),
      evictAfter: checked.length(ifAny: "evict_after"), checkpoint: checked.length("checkpoint"),
      keep: checked.integer("keep"), report: checked["report"]?.text,
      metricsFile: checked["metrics_file"]?.text, gate: checked.part("gate").decoded())
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
      key: checked["key"]?.text, weight: checked["weight"]?.text, clock: checked["clock"]?.text,
      condition: checked["where"]?.text)
  }
}

extension Split {
  fileprivate init(_ checked: CheckedValue) {
    func length(_ key: String) -> Int64 {
      checked.length(key)
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
