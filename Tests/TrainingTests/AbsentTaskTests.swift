import Combiners
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// A task without labelled rows in a step is not there, rather than zero.
struct AbsentTaskTests {
  static let full = TinyLog.make(rows: 21)
  static let withoutCart = TinyLog.make(rows: 21, seed: 2, unknownTask: 1)

  /// Rules over a representation that every task reads train nothing shared where there is none; runs
  /// refuse them.
  static let pairs = Architecture.allCases.flatMap { architecture in
    CombinerKind.allCases.filter { !architecture.followsFunnel || $0 != .mgdaUpperBound }
      .map { (architecture, $0) }
  }

  @Test(arguments: pairs)
  func `keeps its own parameters and moments while others train`(
    architecture: Architecture, kind: CombinerKind
  ) throws {
    let weights = Runs.weights(architecture)
    let engine = Runs.engine(weights, try Runs.combining(kind))
    // A first step with every task, so that moments are not zero.
    _ = try engine.step(rows: 0..<21, of: AbsentTaskTests.full, step: 1, learningRate: 0.01)
    let before = Runs.parts(weights)
    for step in 2...3 {
      let report = try engine.step(
        rows: 0..<21, of: AbsentTaskTests.withoutCart, step: step, learningRate: 0.01)
      #expect(report.tasks == [0, 2])
      #expect(report.losses[1] == nil && report.weights[1] == nil)
      #expect(report.losses[0] != nil && report.losses[2] != nil)
      #expect(report.gramian?.taskCount ?? 2 == 2)
    }
    let after = Runs.parts(weights)
    for (name, bits) in before {
      #expect((after[name] == bits) == (OwnTask.of(name, in: architecture) == 1), "\(name)")
    }
  }

  @Test(arguments: Architecture.allCases, CombinerKind.allCases)
  func `leaves nothing behind in the engine`(architecture: Architecture, kind: CombinerKind) throws
  {
    let weights = Runs.weights(architecture)
    let engine = Runs.engine(weights, try Runs.combining(kind))
    _ = try engine.step(
      rows: 0..<21, of: AbsentTaskTests.withoutCart, step: 1, learningRate: 0.01)
    let others = Runs.weights(architecture)
    Runs.copy(weights, to: others)
    let fresh = Runs.engine(others, try Runs.combining(kind))
    try Runs.reread(engine, into: fresh)
    for engine in [engine, fresh] {
      _ = try engine.step(rows: 0..<21, of: AbsentTaskTests.full, step: 2, learningRate: 0.01)
    }
    #expect(Runs.bits(weights) == Runs.bits(others))
  }

  @Test(arguments: Architecture.allCases, CombinerKind.allCases)
  func `may be every task`(architecture: Architecture, kind: CombinerKind) throws {
    var log = AbsentTaskTests.full
    let unknown = Column([UInt8](repeating: Label.unknown.rawValue, count: 21))
    log.labels = [unknown, unknown, unknown]
    let weights = Runs.weights(architecture)
    let engine = Runs.engine(weights, try Runs.combining(kind))
    let before = Runs.bits(weights)
    let state = try Runs.state(engine)
    let report = try engine.step(rows: 0..<21, of: log, step: 1, learningRate: 0.01)
    #expect(report.losses == [nil, nil, nil])
    #expect(Runs.bits(weights) == before)
    if kind == .staticWeights { #expect(try Runs.state(engine) == state) }
    _ = try engine.step(rows: 0..<21, of: AbsentTaskTests.full, step: 2, learningRate: 0.01)
    #expect(Runs.bits(weights) != before)
  }
}
