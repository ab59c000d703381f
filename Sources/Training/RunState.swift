internal import Combiners
internal import Matrices
public import Networks

/// All that training has changed by some moment: the numbers, and how far it came.
public struct RunState: Sendable {
  /// Where the run was.
  public internal(set) var position: TrainingPosition
  /// What the combiner has learnt.
  public internal(set) var combining: CombiningState
  /// The parameters with the optimizer's moments.
  public let weights: Weights
  /// What the run keeps beside them.
  public let kept: KeptNumbers

  /// The state of an engine as it is; the numbers are the engine's own and change with it.
  public init(of engine: TrainingEngine, at position: TrainingPosition) {
    self.position = position
    combining = engine.combiningState
    weights = engine.weights
    kept = engine.kept
  }

  /// Makes room for a state of an engine's form and has it filled, as from files.
  ///
  /// `fill` writes all numbers and answers what the combiner had learnt and where the run was.
  public init(
    like engine: TrainingEngine,
    fill: (Weights, KeptNumbers) throws -> (combining: CombiningState, position: TrainingPosition)
  ) rethrows {
    weights = Weights(
      network: engine.network, momentCount: engine.weights.denseMoments.count, seed: nil)
    kept = KeptNumbers(
      for: engine.combining, averageHorizon: engine.kept.average?.horizon, weights: weights)
    (combining, position) = try fill(weights, kept)
  }

  /// A copy that later steps leave as it is.
  init(copying engine: TrainingEngine, at position: TrainingPosition) {
    self.init(like: engine) { _, _ in (engine.combiningState, position) }
    copyNumbers(of: RunState(of: engine, at: position))
  }

  /// Takes the place of an earlier copy of the same engine.
  mutating func copy(_ engine: TrainingEngine, at position: TrainingPosition) {
    self.position = position
    combining = engine.combiningState
    copyNumbers(of: RunState(of: engine, at: position))
  }

  /// Puts everything back and answers where the run was.
  func restore(to engine: TrainingEngine) -> TrainingPosition {
    RunState(of: engine, at: position).copyNumbers(of: self)
    engine.combiningState = combining
    return position
  }

  /// Puts everything back but what stopped tasks' losses reach, and answers where the run was.
  func restoreRunning(to engine: TrainingEngine) -> TrainingPosition {
    restore(tasks: Array(engine.network.taskNames.indices), to: engine)
    if let source = kept.elements, let target = engine.kept.elements {
      copy(source.storages.map(\.storage), to: target.storages.map(\.storage))
    }
    engine.combiningState = combining
    return position
  }

  /// Puts back what the losses of some tasks still train.
  func restore(tasks: [Int], to engine: TrainingEngine) {
    let target = RunState(of: engine, at: position)
    let (dense, tables) = engine.trained(by: tasks)
    let pairs = zip(target.denseStorages, denseStorages)
    for (target, source) in pairs {
      for range in dense { target.copy(range, of: source, to: range.lowerBound) }
    }
    for place in tables { copy(storages(of: place), to: target.storages(of: place)) }
  }

  private var denseStorages: [FloatStorage] {
    [weights.dense.storage] + weights.denseMoments + (kept.average.map { [$0.dense] } ?? [])
  }

  private func storages(of place: (input: Int, table: Int)) -> [FloatStorage] {
    [weights.tables[place.input][place.table].storage]
      + (kept.average.map { [$0.tables[place.input][place.table]] } ?? [])
  }

  private func copyNumbers(of other: RunState) { copy(other.storages, to: storages) }

  private func copy(_ sources: [FloatStorage], to targets: [FloatStorage]) {
    for (target, source) in zip(targets, sources) {
      target.copy(0..<source.count, of: source, to: 0)
    }
  }

  private var storages: [FloatStorage] {
    [weights.dense.storage] + weights.denseMoments + weights.tables.joined().map(\.storage)
      + kept.storages.map(\.storage)
  }
}
