internal import Interactions
internal import Logging
package import Networks
internal import Optimizers
internal import RunConfiguration

/// What `network: {architecture: auto}` chooses for a log.
///
/// The rules are of thumb. `stem`, `beta1`, `row_decay` and the average are what did best on a video log of
/// 167,000 rows whose four tasks are positive in 45 %, 32 %, 1.8 % and 1.9 % of them
/// (fixtures/kuairand/README.md); where rows, positives and rates are few or far apart is a guess from that
/// one log. `paretorank tune` finds out what holds on another one.
package enum AutomaticNetwork {
  /// What is looked at: training rows alone.
  package struct Facts: Sendable, Equatable {
    package var rows: Int
    /// By task, in the order of the configuration; at least one.
    package var tasks: [Task]
    /// The fewest rows that an id of any table has in the mean; nil without tables.
    package var rowsPerID: Double?

    /// Creates facts about training rows.
    package init(rows: Int, tasks: [Task], rowsPerID: Double?) {
      self.rows = rows
      self.tasks = tasks
      self.rowsPerID = rowsPerID
    }
  }

  /// One task's labels.
  package struct Task: Sendable, Equatable {
    package var name: String
    package var positives: Int
    /// Positives by known labels, in `0...1`.
    package var rate: Double

    /// Creates what is known of a task.
    package init(name: String, positives: Int, rate: Double) {
      self.name = name
      self.positives = positives
      self.rate = rate
    }
  }

  /// What is chosen, with a reason for each.
  package struct Choice: Sendable, Equatable {
    package var architecture: Architecture
    /// Of experts that all tasks share; nil leaves the usual number.
    package var experts: Int?
    /// Whether embeddings take steps without a mean gradient and decay by rows.
    package var sparesEmbeddings: Bool
    package var reasons: [String]
  }

  /// Training rows below which nothing but a shared trunk is tried.
  package static let fewRows = 20_000
  /// Positives of all tasks together below which nothing but a shared trunk is tried.
  package static let fewPositives = 2_000
  /// The rate below which a task is rare.
  package static let rareRate = 0.05
  /// How many times the rarest task's rate the commonest one's is where tasks are unlike.
  package static let unlikeRatio = 10.0
  /// Mean rows of a table's id below which embeddings learn by heart.
  package static let fewRowsPerID = 100.0
  /// Passes that the moving average of the weights looks back.
  package static let weightAverage = 0.25
  /// Of embeddings that are spared.
  package static let (beta1, rowDecay) = (0.0, 0.1)

  /// The choice for a log, among architectures with experts alone where these are needed.
  package static func choose(_ facts: Facts, needsExperts: Bool = false) -> Choice {
    precondition(!facts.tasks.isEmpty)
    var choice = network(facts)
    if needsExperts, !choice.architecture.hasGates {
      choice.architecture = .mmoe
      choice.reasons.append("gate or expert_normalization ask for experts")
    }
    if let rows = facts.rowsPerID, rows < fewRowsPerID {
      choice.sparesEmbeddings = true
      choice.reasons.append("ids of a table have \(shown(rows)) rows each in the mean")
    }
    return choice
  }

  private static func network(_ facts: Facts) -> Choice {
    func choice(_ architecture: Architecture, _ reason: String, experts: Int? = nil) -> Choice {
      Choice(
        architecture: architecture, experts: experts, sparesEmbeddings: false, reasons: [reason])
    }
    let positives = facts.tasks.map(\.positives).reduce(0, +)
    let byRate = facts.tasks.enumerated().sorted {
      ($0.element.rate, $0.offset) < ($1.element.rate, $1.offset)
    }
    let (rarest, commonest) = (byRate[0].element, byRate[byRate.count - 1].element)
    if facts.tasks.count == 1 { return choice(.singleTask, "there is one task") }
    if facts.rows < fewRows {
      return choice(.sharedBottom, "\(facts.rows) training rows are few")
    }
    if positives < fewPositives {
      return choice(.sharedBottom, "\(positives) positives of all tasks together are few")
    }
    if rarest.rate < rareRate {
      return choice(
        .stem, "\(rarest.name) is rare, positive in \(shown(rarest.rate * 100))% of its rows",
        experts: 2)
    }
    if commonest.rate > unlikeRatio * rarest.rate {
      return choice(
        .stem,
        "\(commonest.name) is positive \(shown(commonest.rate / rarest.rate)) times as often as "
          + rarest.name, experts: 2)
    }
    return choice(.mmoe, "the tasks are positive about equally often")
  }

  /// Two digits at least: `1.8`, `45`.
  private static func shown(_ value: Double) -> String {
    value < 10 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }
}

extension RunConfiguration {
  /// The configuration with what it leaves to be chosen as it was for a model whose training goes on, or
  /// by some rows of a log where there is none; what that is and why, nil where nothing was chosen.
  func resolved(
    like former: @autoclosure () throws -> ModelDescription?, for log: EncodedLog,
    training rows: RowSelection, _ context: JobContext
  ) rethrows -> (configuration: RunConfiguration, choice: String?) {
    guard network.automatic != nil else { return (self, nil) }
    if let former = try former() {
      return (resolved(like: former.configuration), former.choice)
    }
    let (chosen, reasons) = resolved(for: log, training: rows)
    let choice = chosen.choiceText(reasons)
    context.logger.info("\(choice)")
    return (chosen, choice)
  }

  /// The configuration with what it leaves to be chosen, and why; itself where it leaves nothing.
  ///
  /// What the configuration says stays as it says.
  func resolved(
    for log: EncodedLog, training rows: RowSelection
  ) -> (configuration: RunConfiguration, reasons: [String]) {
    guard let automatic = network.automatic else { return (self, []) }
    let choice = AutomaticNetwork.choose(
      AutomaticNetwork.Facts(of: log, rows: rows), needsExperts: network.settings.needExperts)
    let spared = Optimizers.Optimizer.Embeddings(
      beta1: AutomaticNetwork.beta1, rowDecay: AutomaticNetwork.rowDecay)
    let average = AutomaticNetwork.weightAverage
    let steps = stepsPerPass(of: log, training: rows)
    let chosen = filled(
      automatic, architecture: choice.architecture, experts: choice.experts,
      weightAverage: (average * Double(steps)).rounded() < 2 ? nil : average,
      embeddings: choice.sparesEmbeddings ? spared : Optimizers.Optimizer.Embeddings())
    return (chosen, choice.reasons)
  }

  /// The configuration with what it leaves to be chosen as it was for a model whose training goes on.
  func resolved(like former: RunConfiguration) -> RunConfiguration {
    guard let automatic = network.automatic else { return self }
    return filled(
      automatic, architecture: former.network.architecture,
      experts: former.network.settings.experts, weightAverage: former.training.weightAverage,
      embeddings: former.optimizer.rule.embeddings)
  }

  /// The configuration with these settings wherever it has none of its own; nil leaves what it has.
  private func filled(
    _ automatic: Network.Automatic, architecture: Architecture, experts: Int?,
    weightAverage: Double?, embeddings: Optimizers.Optimizer.Embeddings
  ) -> RunConfiguration {
    var chosen = self
    chosen.network.automatic = nil
    chosen.network.architecture = architecture
    if let experts, !automatic.keepsExperts { chosen.network.settings.experts = experts }
    chosen.training.weightAverage = training.weightAverage ?? weightAverage
    if optimizer.rule.kind.isAdam {
      let own = optimizer.rule.embeddings
      chosen.optimizer.rule.embeddings.beta1 = own.beta1 ?? embeddings.beta1
      chosen.optimizer.rule.embeddings.rowDecay = own.rowDecay ?? embeddings.rowDecay
    }
    return chosen
  }

  /// The configuration with what `chosen` has beside an architecture where `open`, which it comes from,
  /// leaves the architecture to be chosen and it names one itself; itself otherwise.
  func filled(like chosen: RunConfiguration, for open: RunConfiguration) -> RunConfiguration {
    guard let automatic = open.network.automatic, network.automatic == nil else { return self }
    return filled(
      automatic, architecture: network.architecture, experts: nil,
      weightAverage: chosen.training.weightAverage, embeddings: chosen.optimizer.rule.embeddings)
  }

  /// What was chosen beside the architecture that another configuration has not, as `--set` takes it.
  func settings(chosenBeside open: RunConfiguration) -> [String] {
    func setting<Value: Equatable>(_ path: String, _ value: Value?, _ former: Value?) -> String? {
      value == former ? nil : value.map { "\(path)=\($0)" }
    }
    let (own, former) = (optimizer.rule.embeddings, open.optimizer.rule.embeddings)
    return [
      setting("training.weight_average", training.weightAverage, open.training.weightAverage),
      setting("optimizer.embeddings.beta1", own.beta1, former.beta1),
      setting("optimizer.embeddings.row_decay", own.rowDecay, former.rowDecay),
    ].compactMap(\.self)
  }

  /// What was chosen, in a line.
  func choiceText(_ reasons: [String]) -> String {
    var parts = ["\(network.architecture.rawValue), \(network.settings.experts) experts"]
    if ![Architecture.stem, .mmoe].contains(network.architecture) {
      parts = [network.architecture.rawValue]
    }
    if let average = training.weightAverage { parts.append("training.weight_average \(average)") }
    let embeddings = optimizer.rule.embeddings
    if let beta1 = embeddings.beta1 { parts.append("embeddings.beta1 \(beta1)") }
    if let decay = embeddings.rowDecay { parts.append("embeddings.row_decay \(decay)") }
    return "network.architecture auto is \(parts.joined(separator: ", ")): "
      + reasons.joined(separator: "; ")
  }
}

extension AutomaticNetwork.Facts {
  /// What some rows of a log say.
  fileprivate init(of log: EncodedLog, rows: RowSelection) {
    let tables = log.schema.tables.enumerated().map { index, table in
      Double(rows.count * log.schema.lookups.count { $0.table == index }) / Double(table.rowCount)
    }
    self.init(
      rows: rows.count,
      tasks: log.taskNames.enumerated().map { task, name in
        let base = BaseRate(ofTask: task, in: log, rows: rows)
        return AutomaticNetwork.Task(name: name, positives: base.positives, rate: base.rate)
      }, rowsPerID: tables.min())
  }
}
