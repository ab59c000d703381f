import Interactions

extension RunConfiguration {
  /// Types a configuration that the schema and the semantic checks have passed.
  init(_ checked: CheckedValue) {
    self.init(
      database: checked["database"]?.text.map(DatabaseAddress.init),
      impressions: Impressions(checked.part("impressions")),
      tasks: checked.part("tasks").elements.map(TaskDefinition.init),
      features: checked.part("features").elements.map(FeatureDefinition.init),
      split: Split(checked.part("split")), network: Network(checked.part("network")),
      combiner: Combiner(checked.part("combiner")),
      optimizer: Optimizer(checked.part("optimizer")),
      training: Training(checked.part("training")),
      scoring: checked["scoring"].map(Scoring.init),
      output: Output(
        models: checked.part("output").text("models"), name: checked.part("output").text("name")))
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

extension RunConfiguration.TaskDefinition {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      name: checked.text("name"), label: checked.text("label"), after: checked["after"]?.text,
      weight: checked.number("weight"), truth: checked["truth"]?.text)
  }
}

extension RunConfiguration.Split {
  fileprivate init(_ checked: CheckedValue) {
    func span(_ key: String) -> RunConfiguration.Span {
      guard let span = RunConfiguration.Span(checked.text(key)) else {
        preconditionFailure("split.\(key) passed as a length of time")
      }
      return span
    }
    func window(_ key: String) -> RunConfiguration.Window {
      let part = checked.part(key)
      guard let from = ISO8601.microseconds(part.text("from")),
        let to = ISO8601.microseconds(part.text("to"))
      else { preconditionFailure("split.\(key) passed as a window") }
      return RunConfiguration.Window(from: from, to: to)
    }
    if checked.text("by") == "random" {
      self = .random(
        train: checked.number("train"), validation: checked.number("validation"),
        test: checked.number("test"), seed: UInt64(checked.integer("seed")))
    } else if let train = checked.part("train").text {
      self = .recent(
        train: train == "all" ? nil : span("train"), validation: span("validation"),
        test: span("test"))
    } else {
      self = .windows(
        train: window("train"), validation: window("validation"), test: window("test"))
    }
  }
}

extension RunConfiguration.Network {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      architecture: checked.choice("architecture"), experts: checked.integer("experts"),
      expert: checked.integers("expert"), bottom: checked.integers("bottom"),
      tower: checked.integers("tower"), activation: checked.choice("activation"),
      dropout: checked.number("dropout"))
  }
}

extension RunConfiguration.Combiner {
  fileprivate init(_ checked: CheckedValue) {
    switch checked.choice("kind", as: Kind.self) {
    case .weighted:
      let weights = checked.part("weights").entries.map { ($0.key, $0.value.number ?? 0) }
      self = .weighted(weights: Dictionary(weights) { $1 })
    case .uncertainty: self = .uncertainty(learningRate: checked.number("learning_rate"))
    case .pcgrad: self = .pcgrad
    case .metabalance:
      self = .metabalance(
        main: checked.text("main"), strategy: checked.choice("strategy"),
        relax: checked.number("relax"), beta: checked.number("beta"))
    }
  }
}

extension RunConfiguration.Optimizer {
  fileprivate init(_ checked: CheckedValue) {
    let rule: Rule =
      switch checked.choice("kind", as: Kind.self) {
      case .adam:
        .adam(
          beta1: checked.number("beta1"), beta2: checked.number("beta2"),
          epsilon: checked.number("epsilon"))
      case .adamw:
        .adamw(
          beta1: checked.number("beta1"), beta2: checked.number("beta2"),
          epsilon: checked.number("epsilon"), weightDecay: checked.number("weight_decay"))
      case .adagrad: .adagrad(epsilon: checked.number("epsilon"))
      case .sgd:
        .sgd(momentum: checked.number("momentum"), weightDecay: checked.number("weight_decay"))
      }
    self.init(
      rule: rule, learningRate: checked.number("learning_rate"),
      clipNorm: checked["clip_norm"]?.number, schedule: checked.choice("schedule"),
      warmUpSteps: checked.integer("warm_up_steps"), finalShare: checked.number("final_share"))
  }
}

extension RunConfiguration.Training {
  fileprivate init(_ checked: CheckedValue) {
    self.init(
      batch: checked.integer("batch"), epochs: checked.integer("epochs"),
      seed: UInt64(checked.integer("seed")), workers: checked["workers"]?.integer,
      microBatch: checked.integer("micro_batch"), shuffle: checked.flag("shuffle"),
      earlyStopping: checked["early_stopping"].map {
        EarlyStopping(patience: $0.integer("patience"), rule: $0.choice("rule"))
      })
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
        ?? .table(RunConfiguration.Relation(checked: to.text("table"))))
  }
}
