import Combiners
import Interactions
import Networks
import Optimizers
import Synchronization
import TestSupport
import Testing
import Training
import Workers

/// The passes that compute less, or more, than one gradient a task.
struct PassTests {
  static let log = StepTests.log
  static let rows = (0..<30).map { UInt32($0) }

  /// What a rule in a test was told, shared by its copies.
  final class Notes<Value: Sendable>: Sendable {
    private let noted = Mutex<[Value]>([])
    func add(_ value: Value) { noted.withLock { $0.append(value) } }
    var all: [Value] { noted.withLock { $0 } }
  }

  /// Fixed weights for the gradients.
  struct Fixed: GradientCombiner {
    var weights: [Double]
    func weights(for step: GradientStep) -> [Double] { step.tasks.map { weights[$0] } }
  }

  /// How far steps move every number, one engine for all; only the last step's way is told.
  static func lastChange(
    _ combining: Combining, architecture: Architecture = .mmoe,
    settings: NetworkSettings = GradientTests.settings, measureEvery: Int? = nil,
    workers: Int = 2, rates: [Double] = [1], rows: [UInt32] = rows, log: EncodedLog = log
  ) throws -> (change: [String: [Double]], report: StepReport) {
    let weights = GradientTests.weights(architecture, settings, schema: log.schema)
    let engine = TrainingEngine(
      weights: weights, schema: TinyLog.schema,
      optimizer: Optimizer(kind: .sgd, learningRate: 1, momentum: 0), combining: combining,
      batchCapacity: 64, microBatch: 4, workers: WorkerGroup(workerCount: workers),
      measureEvery: measureEvery, seed: 5)
    func numbers() -> [String: [Double]] {
      ReferenceNetwork(architecture, settings, copying: weights).numbers
    }
    var before = numbers()
    var last: StepReport?
    for (index, rate) in rates.enumerated() {
      before = numbers()
      last = try engine.step(rows: rows, of: log, step: index + 1, learningRate: rate)
    }
    let change = numbers().reduce(into: [String: [Double]]()) { result, entry in
      result[entry.key] = zip(entry.value, before[entry.key] ?? []).map { $0 - $1 }
    }
    return (change, try #require(last))
  }

  /// Expects the gradients of the tasks by themselves, and with norms of the last shared layer, to add up
  /// to the gradient of the losses' sum.
  static func expectSum(_ architecture: Architecture, _ settings: NetworkSettings) throws {
    let changes = try [
      .losses(StaticWeights([1, 1, 1])), .gradients(PlainSum()), .losses(Listener([])),
      .losses(Listener(.lastLayerNorms)),
    ].map { try lastChange($0, architecture: architecture, settings: settings).change }
    #expect(GradientTests.largestDifference(changes[0], changes[1]) < Tolerance.float32Gradient)
    #expect(GradientTests.largestDifference(changes[2], changes[3]) < Tolerance.float32Gradient)
  }

  @Test(arguments: Architecture.allCases)
  func `weights that are held act in one pass as in one a task`(architecture: Architecture) throws {
    let rule = Fixed(weights: [0.5, 2, 0])
    let fresh = try PassTests.lastChange(.gradients(rule), architecture: architecture)
    // The first step, at rate 0, finds the weights; the second holds them.
    let held = try PassTests.lastChange(
      .gradients(rule, GradientUse(every: 2)), architecture: architecture, rates: [0, 1])
    #expect(held.report.gramian == nil)
    #expect(held.report.weights == [0.5, 2, 0])
    let difference = GradientTests.largestDifference(fresh.change, held.change)
    #expect(difference < Tolerance.float32Gradient)
  }

  @Test(arguments: Architecture.allCases)
  func `weights from the representation act in one pass`(architecture: Architecture) throws {
    let rule = Fixed(weights: [0.5, 2, 0])
    let whole = try PassTests.lastChange(.gradients(rule), architecture: architecture)
    let upper = try PassTests.lastChange(
      .gradients(rule, GradientUse(scope: .representation)), architecture: architecture)
    let difference = GradientTests.largestDifference(whole.change, upper.change)
    #expect(difference < Tolerance.float32Gradient)
  }

  @Test func `a task that shares embeddings alone trains them under the dense scope`() throws {
    var settings = GradientTests.settings
    settings.bottom = []
    // Nothing but embeddings is shared, so that every gradient that the rule sees is zero.
    let dense = try PassTests.lastChange(
      .gradients(Fixed(weights: [0, 0, 0]), GradientUse(scope: .dense)),
      architecture: .sharedBottom, settings: settings)
    let plain = try PassTests.lastChange(
      .losses(StaticWeights([1, 1, 1])), architecture: .sharedBottom, settings: settings)
    #expect(dense.report.weights == [1, 1, 1])
    #expect(GradientTests.largestDifference(dense.change, plain.change) < Tolerance.float32Gradient)
  }

  @Test func `the representation's products are those of a linear layer's bias`() throws {
    // Of one row, the slope of a linear layer's output is the gradient of its bias.
    let row = [try #require(StepTests.labelled.first)]
    var settings = GradientTests.settings
    settings.activation = .linear
    let gradients = try (0..<3).map { task in
      let weights = (0..<3).map { $0 == task ? 1.0 : 0.0 }
      return try PassTests.lastChange(
        .gradients(Fixed(weights: weights)), settings: settings, rows: row
      ).change.filter { $0.key.hasPrefix("expert") && $0.key.hasSuffix("/1/bias") }
    }
    let report = try PassTests.lastChange(
      .gradients(Fixed(weights: [1, 1, 1]), GradientUse(scope: .representation)),
      settings: settings, rows: row
    ).report
    for first in 0..<3 {
      for second in 0..<3 {
        let product = PassTests.product(gradients[first], gradients[second])
        #expect(abs((report.gramian?[first, second] ?? .nan) - product) < Tolerance.float32Gradient)
      }
    }
    #expect((report.gramian?[0, 0] ?? 0) > 0)
  }

  static func product(_ left: [String: [Double]], _ right: [String: [Double]]) -> Double {
    left.reduce(0) { sum, entry in
      zip(entry.value, right[entry.key] ?? []).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }

  /// Weighs losses as told and keeps what it is told.
  struct Listener: LossWeighting {
    var fixed: [Double] = [0.5, 2, 1]
    var asked: LossWeightingNeeds = []
    var probedShare = 1.0
    var notes = Notes<WeighedStep>()
    var needs: LossWeightingNeeds { asked }
    init(_ asked: LossWeightingNeeds) { self.asked = asked }
    func weights(for losses: [Double?]) -> [Double] { fixed }
    func observe(_ step: WeighedStep) { notes.add(step) }
    init(from decoder: any Decoder) throws { self.init([]) }
    func encode(to encoder: any Encoder) throws {}
  }

  @Test(arguments: [nil, 1]) func `the last shared layer's norms are of each task's own loss`(
    measureEvery: Int?
  ) throws {
    let gradients = try (0..<3).map { task in
      let weights = (0..<3).map { $0 == task ? 1.0 : 0.0 }
      return try PassTests.lastChange(.gradients(Fixed(weights: weights))).change
        .filter { $0.key.hasPrefix("expert") && $0.key.contains("/1/") }
    }
    let listener = Listener(.lastLayerNorms)
    let step = try PassTests.lastChange(.losses(listener), measureEvery: measureEvery)
    let plain = try PassTests.lastChange(.losses(Listener([])))
    let difference = GradientTests.largestDifference(step.change, plain.change)
    #expect(difference < Tolerance.float32Gradient)
    let norms = try #require(listener.notes.all.last).lastLayerNorms
    for task in 0..<3 {
      let expected = PassTests.product(gradients[task], gradients[task]).squareRoot()
      #expect(abs((norms[task] ?? .nan) - expected) < Tolerance.float32Gradient)
    }
  }

  @Test(arguments: [Architecture.asymmetric, .esmm, .escm2, .aitm, .omoe])
  func `where no layer is the last for all tasks the norms are over all that they share`(
    architecture: Architecture
  ) throws {
    let network = GradientTests.weights(architecture, GradientTests.settings).network
    #expect(network.lastSharedParameters.isEmpty)
    let listener = Listener(.lastLayerNorms)
    _ = try PassTests.lastChange(.losses(listener), architecture: architecture)
    let norms = try #require(listener.notes.all.last).lastLayerNorms
    for task in 0..<3 {
      let weights = (0..<3).map { $0 == task ? 1.0 : 0.0 }
      let gradient = try PassTests.lastChange(
        .gradients(Fixed(weights: weights)), architecture: architecture
      ).change.filter { OwnTask.reach(of: $0.key, in: architecture).count == 3 }
      let expected = PassTests.product(gradient, gradient).squareRoot()
      #expect(expected > 0.001)
      #expect(abs((norms[task] ?? .nan) - expected) < Tolerance.float32Gradient)
    }
  }

  @Test(arguments: Architecture.allCases)
  func `a pass of the last shared layer's norms moves nothing else`(
    architecture: Architecture
  ) throws {
    let step = try PassTests.lastChange(
      .losses(Listener(.lastLayerNorms)), architecture: architecture)
    let plain = try PassTests.lastChange(.losses(Listener([])), architecture: architecture)
    let difference = GradientTests.largestDifference(step.change, plain.change)
    #expect(difference < Tolerance.float32Gradient)
  }

  @Test(arguments: Architecture.allCases)
  func `halves of the rows add up to the whole`(architecture: Architecture) throws {
    let halves = try PassTests.lastChange(.gradients(Halves()), architecture: architecture)
    let whole = try PassTests.lastChange(
      .gradients(Fixed(weights: [1, 1, 1])), architecture: architecture)
    let difference = GradientTests.largestDifference(halves.change, whole.change)
    #expect(difference < Tolerance.float32Gradient)
  }

  @Test func `a measured step does the same and tells every gradient's products`() throws {
    let plain = try PassTests.lastChange(.losses(Listener([])))
    let measured = try PassTests.lastChange(.losses(Listener([])), measureEvery: 1)
    let difference = GradientTests.largestDifference(plain.change, measured.change)
    #expect(difference < Tolerance.float32Gradient)
    #expect(plain.report.gramian == nil)
    let expected = try PassTests.lastChange(.gradients(Fixed(weights: [1, 1, 1]))).report.gramian
    #expect(measured.report.gramian == expected)
  }

  @Test func `residuals are those of scores against labels`() throws {
    let listener = Listener(.residuals)
    _ = try PassTests.lastChange(.losses(listener))
    let weights = GradientTests.weights(.mmoe, GradientTests.settings)
    let scores = ScoringEngine(weights: weights, schema: TinyLog.schema)
      .scores(of: PassTests.log, rows: .range(0..<30))
    for task in 0..<3 {
      let known = (0..<30).filter { PassTests.log.labels[task][$0] < 2 }
      let expected = known.reduce(0.0) { sum, row in
        let residual = Double(scores[task][row]) - Double(PassTests.log.labels[task][row])
        return sum + residual * residual / Double(known.count)
      }
      let found = listener.notes.all[0].squaredResiduals[task] ?? .nan
      #expect(abs(found - expected) < Tolerance.float32Forward)
    }
  }

  @Test func `losses after an update are those of the next step`() throws {
    let listener = Listener(.lossesAfterUpdate)
    _ = try PassTests.lastChange(.losses(listener), rates: [0.1, 0.1])
    let steps = listener.notes.all
    #expect(steps[0].lossesBeforeUpdate == steps[0].losses)
    for task in 0..<3 {
      let after = try #require(steps[0].lossesAfterUpdate[task])
      #expect(abs(after - (steps[1].losses[task] ?? .nan)) < Tolerance.float32Forward)
      #expect(after != steps[0].losses[task])
    }
  }

  /// Weighs all tasks 1 and keeps the products of the halves.
  struct Halves: GradientCombiner {
    var notes = Notes<[Double]>()
    init() {}
    var needsHalves: Bool { true }
    func weights(for step: GradientStep) -> [Double] {
      notes.add(step.crossProducts ?? [])
      return step.tasks.map { _ in 1 }
    }
    init(from decoder: any Decoder) throws { self.init() }
    func encode(to encoder: any Encoder) throws {}
  }

  @Test(arguments: [1, 2]) func `products of halves are those of their mean gradients`(
    workers: Int
  ) throws {
    let rule = Halves()
    let step = try PassTests.lastChange(.gradients(rule), workers: workers)
    let whole = try PassTests.lastChange(.gradients(Fixed(weights: [1, 1, 1])))
    let difference = GradientTests.largestDifference(step.change, whole.change)
    #expect(difference < Tolerance.float32Gradient)
    // Micro-batches of 4 rows belong to the halves in turn.
    let gradients = try (0..<2).map { half in
      let rows = PassTests.rows.filter { Int($0) / 4 % 2 == half }
      return try (0..<3).map { task in
        let weights = (0..<3).map { $0 == task ? 1.0 : 0.0 }
        return try PassTests.lastChange(.gradients(Fixed(weights: weights)), rows: rows).change
          .filter { name, _ in OwnTask.of(name) == nil }
      }
    }
    let products = try #require(rule.notes.all.last)
    for first in 0..<3 {
      for second in 0..<3 {
        let expected = PassTests.product(gradients[0][first], gradients[1][second])
        #expect(abs(products[first * 3 + second] - expected) < Tolerance.float32Gradient)
      }
    }
  }

  /// The sum of all gradients so far, element by element.
  struct Remembering: ElementwiseCombiner {
    var stateCount: Int { 1 }
    var absorbs: Bool { true }
    func absorb(
      _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
      sums: inout [Double]
    ) {
      for (row, task) in place.tasks.enumerated() {
        for element in 0..<place.count {
          state[task * place.stateStride + element] += gradients[row * place.stride + element]
          gradients[row * place.stride + element] = state[task * place.stateStride + element]
        }
      }
    }
    mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {}
    func combine(
      _ gradients: Span<Float>, state: inout MutableSpan<Float>, at place: Stretch,
      into combined: inout MutableSpan<Float>
    ) {
      for element in 0..<combined.count {
        combined[element] = place.tasks.indices.reduce(0) {
          $0 + gradients[$1 * place.stride + element]
        }
      }
    }
  }

  @Test(arguments: [1, 3]) func `an element-wise rule's numbers last from step to step`(
    workers: Int
  ) throws {
    let once = try PassTests.lastChange(.elements(Remembering()))
    let thrice = try PassTests.lastChange(
      .elements(Remembering()), workers: workers, rates: [0, 0, 1])
    for (name, change) in once.change {
      // Heads keep nothing: they get the gradient of the step.
      let factor = OwnTask.of(name) != nil ? 1.0 : 3.0
      let expected = change.map { $0 * factor }
      let difference = GradientTests.largestDifference(
        [name: thrice.change[name] ?? []], [name: expected])
      #expect(difference < Tolerance.float32Gradient, "\(name)")
    }
  }

  @Test func `an element-wise rule of dense scope leaves tables the sum`() throws {
    let sum = try PassTests.lastChange(.elements(Remembering()))
    let dense = try PassTests.lastChange(
      .elements(Remembering(), scope: .dense), rates: [0, 0, 1])
    let tables = sum.change.filter { $0.key.hasPrefix("user/") || $0.key.hasPrefix("item/") }
    #expect(tables.values.joined().contains { $0 != 0 })
    for (name, change) in tables {
      let difference = GradientTests.largestDifference(
        [name: dense.change[name] ?? []], [name: change])
      #expect(difference < Tolerance.float32Gradient)
    }
  }
}
