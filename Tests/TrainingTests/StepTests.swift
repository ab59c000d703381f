import Combiners
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// What one step takes and tells.
struct StepTests {
  static let log = TinyLog.make(rows: 30)

  /// Rows whose labels are all known.
  static let labelled = (0..<30).filter { row in log.labels.allSatisfy { $0[row] < 2 } }
    .map { UInt32($0) }

  /// How far one step on some rows moves every number.
  static func change(_ rows: [UInt32], _ combining: Combining, workers: Int = 2) throws
    -> [String: [Double]]
  {
    let weights = GradientTests.weights(.mmoe, GradientTests.settings)
    let before = GradientTests.numbers(weights)
    _ = try GradientTests.engine(weights, combining, workers: workers)
      .step(rows: rows, of: log, step: 1, learningRate: 1)
    return GradientTests.numbers(weights).reduce(into: [:]) { result, entry in
      result[entry.key] = zip(entry.value, before[entry.key] ?? []).map { $0 - $1 }
    }
  }

  @Test func `counts a row as often as it is there`() throws {
    let rows = StepTests.labelled
    let combining = try Runs.combining(.staticWeights)
    let twice = try StepTests.change([rows[0], rows[0], rows[1]], combining)
    let first = try StepTests.change([rows[0]], combining)
    let second = try StepTests.change([rows[1]], combining)
    let expected = first.reduce(into: [String: [Double]]()) { result, entry in
      result[entry.key] = zip(entry.value, second[entry.key] ?? []).map { (2 * $0 + $1) / 3 }
    }
    #expect(GradientTests.largestDifference(twice, expected) < Tolerance.float32Gradient)
  }

  @Test(arguments: CombinerKind.allCases)
  func `gives the same on 1, 2 and 3 workers`(kind: CombinerKind) throws {
    let rows = (0..<30).map { UInt32($0) }
    let one = try StepTests.change(rows, Runs.combining(kind), workers: 1)
    for workers in 2...3 {
      let more = try StepTests.change(rows, Runs.combining(kind), workers: workers)
      #expect(GradientTests.largestDifference(one, more) < Tolerance.float32Gradient)
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `works on one row with more workers than that`(kind: CombinerKind) throws {
    let weights = Runs.weights()
    let engine = Runs.engine(weights, try Runs.combining(kind), workers: 3)
    let reference = ReferenceNetwork(.mmoe, Runs.settings, copying: weights)
    let row = StepTests.labelled[0]
    let report = try engine.step(rows: [row], of: StepTests.log, step: 1, learningRate: 0.01)
    for task in 0..<3 {
      let expected = reference.loss(
        StepTests.log, rows: Int(row)..<Int(row) + 1,
        weights: (0..<3).map { $0 == task ? 1 : 0 })
      #expect(abs((report.losses[task] ?? .nan) - expected) < Tolerance.float32Forward)
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `tells each task's mean loss over its labelled rows`(kind: CombinerKind) throws {
    let weights = Runs.weights()
    let reference = ReferenceNetwork(.mmoe, Runs.settings, copying: weights)
    let report = try Runs.engine(weights, Runs.combining(kind))
      .step(rows: 0..<30, of: StepTests.log, step: 1, learningRate: 0.01)
    for task in 0..<3 {
      let expected = reference.loss(
        StepTests.log, rows: 0..<30, weights: (0..<3).map { $0 == task ? 1 : 0 })
      #expect(abs((report.losses[task] ?? .nan) - expected) < Tolerance.float32Forward)
    }
    let combining = try Runs.combining(kind)
    if case .losses = combining { #expect(report.gramian == nil) }
    if case .elements = combining { return }
    #expect(report.weights.allSatisfy { $0 != nil })
  }

  /// Keeps one task's gradient of the shared parameters.
  struct OneTask: GradientCombiner {
    let task: Int
    func weights(for step: GradientStep) -> [Double] {
      step.tasks.map { $0 == task ? 1 : 0 }
    }
  }

  @Test func `tells the inner products of the shared parameters' gradients`() throws {
    let weights = GradientTests.weights(.mmoe, GradientTests.settings)
    let rows = (0..<30).map { UInt32($0) }
    let report = try GradientTests.engine(weights, .gradients(PlainSum()))
      .step(rows: rows, of: StepTests.log, step: 1, learningRate: 1)
    let gradients = try (0..<3).map { task in
      try StepTests.change(rows, .gradients(OneTask(task: task))).filter { name, _ in
        OwnTask.of(name) == nil
      }
    }
    for first in 0..<3 {
      for second in 0..<3 {
        let product = gradients[first].reduce(0) { sum, entry in
          zip(entry.value, gradients[second][entry.key] ?? []).reduce(sum) { $0 + $1.0 * $1.1 }
        }
        #expect(abs((report.gramian?[first, second] ?? .nan) - product) < Tolerance.float32Gradient)
      }
    }
  }

  /// The sum of the tasks' gradients, element by element.
  struct ElementSum: ElementwiseCombiner {
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

  @Test func `of an element-wise sum equals that of the summed loss`() throws {
    let rows = (0..<30).map { UInt32($0) }
    let summed = try StepTests.change(rows, Runs.combining(.staticWeights))
    let elements = try StepTests.change(rows, .elements(ElementSum()))
    #expect(GradientTests.largestDifference(summed, elements) < Tolerance.float32Gradient)
  }

  @Test func `uses the loss weights from before it, then lets them learn`() throws {
    let engine = Runs.engine(Runs.weights(), try Runs.combining(.uncertainty))
    let first = try engine.step(rows: 0..<30, of: StepTests.log, step: 1, learningRate: 0.01)
    #expect(first.weights == [1, 1, 1])
    let second = try engine.step(rows: 0..<30, of: StepTests.log, step: 2, learningRate: 0.01)
    #expect(second.weights.allSatisfy { $0 != 1 })
  }

  @Test(arguments: [CombinerKind.uncertainty, .metabalance, .pcgrad])
  func `moves the combiner's state on`(kind: CombinerKind) throws {
    let engine = Runs.engine(Runs.weights(), try Runs.combining(kind))
    let before = try Runs.state(engine)
    _ = try engine.step(rows: 0..<30, of: StepTests.log, step: 1, learningRate: 0.01)
    #expect(try Runs.state(engine) != before)
  }

  @Test func `on rows that are not in the log traps`() async {
    await #expect(processExitsWith: .failure) {
      let engine = Runs.engine(Runs.weights(), try Runs.combining(.staticWeights))
      _ = try engine.step(rows: [30], of: StepTests.log, step: 1, learningRate: 0.01)
    }
    await #expect(processExitsWith: .failure) {
      let engine = Runs.engine(Runs.weights(), try Runs.combining(.staticWeights), batch: 4)
      _ = try engine.step(rows: 0..<5, of: StepTests.log, step: 1, learningRate: 0.01)
    }
  }
}
