internal import Glibc
public import Interactions
internal import Matrices
public import Networks

/// The networks once more, in double precision and the plainest way, to hold the engine against.
///
/// It shares no code with the layers: it finds its numbers by the parameters' names.
public struct ReferenceNetwork {
  public let architecture: Architecture
  public let settings: NetworkSettings
  public let funnel: Funnel
  /// Dense parameters and embedding rows by name; rows of tables are `name/row`.
  public var numbers: [String: [Double]] = [:]
  /// What a conditioned network is told: a share for each task.
  public var preference: [Double] = []
  /// What slopes don't go to is computed with the numbers of the beginning.
  private var former: [String: [Double]] = [:]

  public init(
    _ architecture: Architecture, _ settings: NetworkSettings, copying weights: Weights,
    funnel: Funnel = TinyLog.funnel
  ) {
    self.architecture = architecture
    self.settings = settings
    self.funnel = funnel
    for parameter in weights.network.parameters {
      numbers[parameter.name] = parameter.range.map { Double(weights.dense.storage[$0]) }
    }
    for table in weights.tables.joined() {
      for row in 0..<table.rowCount {
        numbers["\(table.name)/\(row)"] = (0..<table.dimension).map {
          Double(table.values[row, $0])
        }
      }
    }
    former = numbers
  }

  /// `Σ_i w_i L_i` over the given rows, each loss a mean over its labelled rows, weighted where the log
  /// has weights, auxiliary terms included, as of one micro-batch.
  public func loss(_ log: EncodedLog, rows: Range<Int>, weights: [Double]) -> Double {
    loss(log, groups: [(Array(rows), nil)], weights: weights)
  }

  /// The same for groups of rows, a micro-batch each, which have a preference `s` each, under which a row of task `i` counts
  /// `taskCount · s_i` times.
  public func loss(
    _ log: EncodedLog, groups: [(rows: [Int], preference: [Double]?)], weights: [Double]
  ) -> Double {
    var sums = [Double](repeating: 0, count: weights.count)
    var counts = sums
    for group in groups {
      var network = self
      if let preference = group.preference { network.preference = preference }
      let modulations = network.modulations()
      var former = network
      former.numbers = self.former
      let formerModulations = architecture == .escm2 ? former.modulations() : [:]
      var use = GateSums(taskCount: weights.count)
      for row in group.rows {
        let weight = log.weights.map { Double($0[row]) } ?? 1
        let outputs = network.outputs(log, row: row, modulations)
        let held =
          architecture == .escm2 ? former.outputs(log, row: row, formerModulations) : outputs
        for (task, logit) in outputs.logits.enumerated()
        where log.labels[task][row] < 2 && weight > 0 {
          let share = weight * (group.preference.map { $0[task] * Double(weights.count) } ?? 1)
          sums[task] += share * error(logit, log.labels[task][row])
          sums[task] += share * auxiliaryTerm(of: task, outputs, held, log, row: row)
          counts[task] += weight
          use.add(outputs.gates, outputs.indecision, of: task, weight: weight)
        }
      }
      for task in weights.indices {
        let share = group.preference.map { $0[task] * Double(weights.count) } ?? 1
        sums[task] += share * settings.loadBalancing * use.unevenness(of: task, log.taskNames)
        sums[task] += share * use.indecision(of: task, log.taskNames)
      }
    }
    return zip(weights, zip(sums, counts)).reduce(0) { total, term in
      term.1.1 > 0 ? total + term.0 * term.1.0 / term.1.1 : total
    }
  }

  /// Each task's logit for one row.
  public func logits(_ log: EncodedLog, row: Int) -> [Double] {
    outputs(log, row: row, modulations()).logits
  }

  private func error(_ logit: Double, _ label: UInt8) -> Double {
    Glibc.log(1 + exp(label == 1 ? -logit : logit))
  }

  /// What stands beside a row's cross-entropy; `held` gets no slopes.
  private func auxiliaryTerm(
    of task: Int, _ outputs: Outputs, _ held: Outputs, _ log: EncodedLog, row: Int
  ) -> Double {
    guard let former = funnel.predecessors[task] else { return 0 }
    switch architecture {
    case .aitm:
      let (later, earlier) = (outputs.towers[task], outputs.towers[former])
      return settings.calibrator * max(0, 1 / (1 + exp(-later)) - 1 / (1 + exp(-earlier)))
    case .escm2:
      guard log.labels[former][row] < 2 else { return 0 }
      let propensity = max(1 / (1 + exp(-held.logits[former])), settings.propensityFloor)
      let share = Double(log.labels[former][row]) / propensity
      let cost = error(outputs.towers[task], log.labels[task][row])
      let heldCost = error(held.towers[task], log.labels[task][row])
      guard settings.counterfactual == .doublyRobust else {
        return settings.counterfactualWeight * share * cost
      }
      let imputed = Glibc.log(1 + exp(outputs.imputations[task]))
      return settings.counterfactualWeight
        * (imputed + share * (cost - imputed) + share * (heldCost - imputed) * (heldCost - imputed))
    default: return 0
    }
  }

  /// What comes out of the towers for one row.
  private struct Outputs {
    var logits: [Double]
    /// Each task's tower by itself.
    var towers: [Double]
    /// What ESCM² imputes, 0 where it imputes nothing.
    var imputations: [Double] = []
    /// The shares of each gate's experts, by its name.
    var gates: [String: [Double]] = [:]
    /// What undecided gates of DSelect-k cost, by their names.
    var indecision: [String: Double] = [:]
  }

  /// Scales and shifts of each modulated layer, by its name: none unless the network is conditioned.
  private func modulations() -> [String: [Double]] {
    let told = preference.map { Double(preference.count) * $0 - 1 }
    var features: [String: [Double]] = [:]
    var found: [String: [Double]] = [:]
    for name in numbers.keys where name.hasSuffix("/film/bias") {
      let layer = String(name.dropLast("/film/bias".count))
      let owner = String(layer.prefix { $0 != "/" }) + "/"
      let map = numbers["\(owner)preference/bias"] == nil ? "preference" : "\(owner)preference"
      if features[map] == nil { features[map] = dense(map, told, .gelu) }
      found[layer] = dense("\(layer)/film", features[map] ?? [], .linear)
    }
    return found
  }

  private func outputs(
    _ log: EncodedLog, row: Int, _ modulations: [String: [Double]]
  ) -> Outputs {
    func modulated(_ name: String, _ values: [Double]) -> [Double] {
      guard let modulation = modulations[name] else { return values }
      return values.indices.map {
        values[$0] * (1 + modulation[$0]) + modulation[values.count + $0]
      }
    }
    func layer(_ name: String, _ input: [Double], _ function: ActivationFunction) -> [Double] {
      modulated(name, dense(name, input, function))
    }
    func inputs(_ prefix: String) -> [Double] {
      interacting(
        modulated("\(prefix)input", input(log, row: row, prefix: prefix)), prefix, log.schema)
    }
    func chain(_ name: String, _ input: [Double], _ levels: Int) -> [Double] {
      (0..<levels).reduce(input) { layer("\(name)/\($1)", $0, settings.activation) }
    }
    // What all tasks share is computed once.
    let shared = architecture == .singleTask ? [] : inputs("")
    let bottom = architecture == .sharedBottom ? chain("bottom", shared, settings.bottom.count) : []
    func experts(_ prefix: String, _ input: [Double], _ count: Int) -> [[Double]] {
      (0..<count).map { expert in
        let name = "\(prefix)expert\(expert)"
        guard settings.expertNormalization == .layer else {
          return chain(name, input, settings.expert.count)
        }
        let last = settings.expert.count - 1
        let sums = layer("\(name)/\(last)", chain(name, input, last), .linear)
        let normal = shifted(standardised(sums), "\(name)/norm")
        return normal.map { activated($0, settings.activation) }
      }
    }
    /// What each task's tower reads over bottoms whose layers read weighted sums of all.
    func stitchedBottoms(_ input: [Double]) -> [[Double]] {
      var current = log.taskNames.map { _ in input }
      for level in settings.bottom.indices {
        let layers = zip(log.taskNames, current).map {
          layer("bottom_\($0)/\(level)", $1, settings.activation)
        }
        let isLast = level == settings.bottom.count - 1
        current = log.taskNames.map { task in
          let weights = numbers[isLast ? "\(task)/stitch" : "bottom_\(task)/stitch\(level)"] ?? []
          return layers[0].indices.map { column in
            zip(weights, layers).reduce(0) { $0 + $1.0 * $1.1[column] }
          }
        }
      }
      return current
    }
    var gates: [String: [Double]] = [:]
    var indecision: [String: Double] = [:]
    func mixture(_ experts: [[Double]], _ gate: String, _ input: [Double]) -> [Double] {
      var shares: [Double]
      switch settings.gate {
      case .softmax: shares = softmax(layer(gate, input, .linear), settings.gateTemperature)
      case .dselectK(let selection):
        let codes =
          numbers["\(gate)/weight"] == nil
          ? modulated(gate, numbers["\(gate)/bias"] ?? []) : layer(gate, input, .linear)
        (shares, indecision[gate]) = selected(by: codes, of: experts.count, selection)
      }
      gates[gate] = shares
      return experts[0].indices.map { column in
        zip(shares, experts).reduce(0) { $0 + $1.0 * $1.1[column] }
      }
    }
    let common =
      [.omoe, .mmoe, .stem].contains(architecture) ? experts("", shared, settings.experts) : []
    /// What each task's tower reads over levels of shared experts and of its own.
    func extracted(_ levels: Int) -> [[Double]] {
      var own = log.taskNames.map { _ in shared }
      var all = shared
      for level in 0..<levels {
        let prefix = levels == 1 ? "" : "level\(level)/"
        let ownExperts = zip(log.taskNames, own).map {
          experts("\(prefix)\($0)/", $1, settings.taskExperts)
        }
        let sharedExperts = experts(prefix, all, settings.experts)
        if level < levels - 1 {
          all = mixture(ownExperts.flatMap(\.self) + sharedExperts, "\(prefix)gate", all)
        }
        own = log.taskNames.indices.map { task in
          mixture(
            ownExperts[task] + sharedExperts, "\(prefix)\(log.taskNames[task])/gate", own[task])
        }
      }
      return own
    }
    let stitched = architecture == .crossStitch ? stitchedBottoms(shared) : []
    let levels = architecture == .ple ? settings.levels : 1
    let extracts = [.cgc, .ple].contains(architecture) ? extracted(levels) : []
    func tower(_ name: String, _ input: [Double]) -> Double {
      dense("\(name)/logit", chain("\(name)/tower", input, settings.tower.count), .linear)[0]
    }
    func ownBottom(_ name: String) -> [Double] {
      chain("\(name)/bottom", shared, settings.bottom.count)
    }
    /// What a task's tower reads where its predecessor hands something over.
    func informed(_ task: Int) -> [Double] {
      let name = log.taskNames[task]
      let own = ownBottom(name)
      guard let former = funnel.predecessors[task] else { return own }
      let handed = layer("\(name)/transfer", informed(former), settings.activation)
      func projected(_ kind: String, _ values: [Double]) -> [Double] {
        dense("\(name)/attention/\(kind)", values, .linear)
      }
      let fits = [handed, own].map { values in
        zip(projected("query", values), projected("key", values)).reduce(0) { $0 + $1.0 * $1.1 }
          / Double(own.count).squareRoot()
      }
      let share = 1 / (1 + exp(fits[1] - fits[0]))
      return zip(projected("value", handed), projected("value", own)).map {
        share * $0 + (1 - share) * $1
      }
    }
    /// The sum of a task's bottom and its predecessor's, by weights.
    func read(_ task: Int) -> [Double] {
      let name = log.taskNames[task]
      guard let weights = numbers["\(name)/reading"], let former = funnel.predecessors[task] else {
        return ownBottom(name)
      }
      return zip(ownBottom(name), ownBottom(log.taskNames[former])).map {
        weights[0] * $0 + weights[1] * $1
      }
    }
    let towers = log.taskNames.enumerated().map { index, task in
      let top: [Double] =
        switch architecture {
        case .esmm, .escm2: ownBottom(task)
        case .aitm: informed(index)
        case .asymmetric: read(index)
        case .singleTask:
          chain("\(task)/bottom", inputs("\(task)/"), settings.bottom.count)
        case .sharedBottom: bottom
        case .omoe: mixture(common, "gate", shared)
        case .mmoe: mixture(common, "\(task)/gate", shared)
        case .cgc, .ple: extracts[index]
        case .crossStitch: stitched[index]
        case .stem:
          mixture(
            experts("\(task)/", inputs("\(task)/"), settings.taskExperts) + common
              + log.taskNames.filter { $0 != task }.flatMap {
                experts("\($0)/", inputs("\($0)/"), settings.taskExperts)
              }, "\(task)/gate", inputs("\(task)/"))
        }
      return tower(task, top)
    }
    guard [.esmm, .escm2].contains(architecture) else {
      return Outputs(logits: towers, towers: towers, gates: gates, indecision: indecision)
    }
    let logits = towers.indices.map { task in
      let product = funnel.chain(to: task).reduce(1) { $0 / (1 + exp(-towers[$1])) }
      return Glibc.log(product / (1 - product))
    }
    let imputations = log.taskNames.enumerated().map { task, name in
      numbers["\(name)/imputation/logit/bias"] == nil
        ? 0 : tower("\(name)/imputation", ownBottom("\(name)/imputation"))
    }
    return Outputs(logits: logits, towers: towers, imputations: imputations)
  }

  private func input(_ log: EncodedLog, row: Int, prefix: String) -> [Double] {
    var input: [Double] = []
    for (lookup, column) in zip(log.schema.lookups, log.lookups) {
      let table = log.schema.tables[lookup.table]
      var ids: [Int]
      switch column {
      case .single(let values): ids = [Int(values[row])]
      case .list(let values, let ends):
        ids = ((row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])).map { Int(values[$0]) }
      }
      func embedding(_ id: Int) -> [Double] { numbers["\(prefix)\(table.name)/\(id)"] ?? [] }
      if lookup.pooling == .max {
        input += (0..<table.dimension).map { column in
          ids.map { embedding($0)[column] }.max() ?? 0
        }
        continue
      }
      var sum = [Double](repeating: 0, count: table.dimension)
      for id in ids {
        let element = embedding(id)
        var share = 1.0
        if lookup.pooling == .attention {
          share = fit(
            of: element, to: embedding(target(of: lookup, log, row: row)),
            "\(prefix)attention/\(lookup.feature)")
        }
        for (column, value) in element.enumerated() { sum[column] += share * value }
      }
      input += lookup.pooling == .mean && !ids.isEmpty ? sum.map { $0 / Double(ids.count) } : sum
    }
    return input
      + log.numbers.enumerated().map { number, values in
        let isOfAnother = log.schema.numberTasks?[number].map { prefix != "\($0)/" } ?? false
        return isOfAnother && !prefix.isEmpty ? 0 : Double(values[row])
      }
  }

  /// The row's single id of a list's table.
  private func target(of list: InputSchema.Lookup, _ log: EncodedLog, row: Int) -> Int {
    for (lookup, column) in zip(log.schema.lookups, log.lookups) where lookup.table == list.table {
      if case .single(let ids) = column { return Int(ids[row]) }
    }
    preconditionFailure("\(list.feature) has no target")
  }

  /// What a list's element weighs beside the row's own embedding.
  private func fit(of element: [Double], to own: [Double], _ name: String) -> Double {
    let pair =
      element + own + zip(element, own).map { $0 - $1 } + zip(element, own).map { $0 * $1 }
    let hidden = settings.attention.indices.reduce(pair) {
      dense("\(name)/\($1)", $0, settings.activation)
    }
    return dense("\(name)/score", hidden, .linear)[0]
  }

  func dense(
    _ name: String, _ input: [Double], _ function: ActivationFunction
  ) -> [Double] {
    let weight = numbers["\(name)/weight"] ?? []
    var sums = numbers["\(name)/bias"] ?? []
    // The tests' inmost loop: plain, because iterators are slow in debug builds.
    var element = 0
    var output = 0
    while output < sums.count {
      var sum = sums[output]
      var index = 0
      while index < input.count {
        sum += weight[element] * input[index]
        element += 1
        index += 1
      }
      sums[output] = activated(sum, function)
      output += 1
    }
    return sums
  }

  private func activated(_ sum: Double, _ function: ActivationFunction) -> Double {
    switch function {
    case .swish: sum / (1 + exp(-sum))
    case .linear: sum
    case .relu: max(0, sum)
    case .gelu:
      0.5 * sum * (1 + tanh((2 / Double.pi).squareRoot() * (sum + 0.044715 * sum * sum * sum)))
    }
  }
}
