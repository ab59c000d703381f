internal import Combiners
internal import Matrices
internal import Networks

/// All that a run has changed by some moment, to go back to.
struct RunState {
  let position: TrainingPosition
  private let combining: CombiningState
  private let weights: WeightsSnapshot

  init(of engine: TrainingEngine, at position: TrainingPosition) {
    self.position = position
    combining = engine.combiningState
    weights = WeightsSnapshot(of: engine)
  }

  /// Puts everything back and answers where the run was.
  func restore(to engine: TrainingEngine) -> TrainingPosition {
    weights.restore(to: engine)
    engine.combiningState = combining
    return position
  }
}

/// A copy of all numbers that training changes.
private struct WeightsSnapshot {
  private let copies: [FloatStorage]

  init(of engine: TrainingEngine) {
    copies = WeightsSnapshot.storages(of: engine).map { storage in
      let copy = FloatStorage(count: storage.count)
      unsafe copy.pointer(at: 0, count: copy.count)
        .update(from: storage.pointer(at: 0, count: storage.count), count: storage.count)
      return copy
    }
  }

  /// Puts the copied numbers back.
  func restore(to engine: TrainingEngine) {
    for (copy, storage) in zip(copies, WeightsSnapshot.storages(of: engine)) {
      unsafe storage.pointer(at: 0, count: storage.count)
        .update(from: copy.pointer(at: 0, count: copy.count), count: copy.count)
    }
  }

  private static func storages(of engine: TrainingEngine) -> [FloatStorage] {
    let weights = engine.weights
    return [weights.dense.storage] + weights.denseMoments + weights.tables.joined().map(\.storage)
      + (engine.elementState?.storages.map(\.storage) ?? [])
  }
}
