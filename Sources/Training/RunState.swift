internal import Combiners
internal import Matrices
internal import Networks

/// All that a run has changed by some moment, to go back to.
struct RunState {
  let position: TrainingPosition
  private let combining: Combining
  private let weights: WeightsSnapshot

  init(of engine: TrainingEngine, at position: TrainingPosition) {
    self.position = position
    combining = engine.combining
    weights = WeightsSnapshot(of: engine.weights)
  }

  /// Puts everything back and answers where the run was.
  func restore(to engine: TrainingEngine) -> TrainingPosition {
    weights.restore(to: engine.weights)
    engine.combining = combining
    return position
  }
}

/// A copy of all numbers that training changes.
private struct WeightsSnapshot {
  private let copies: [FloatStorage]

  init(of weights: Weights) {
    copies = WeightsSnapshot.storages(of: weights).map { storage in
      let copy = FloatStorage(count: storage.count)
      unsafe copy.pointer(at: 0, count: copy.count)
        .update(from: storage.pointer(at: 0, count: storage.count), count: storage.count)
      return copy
    }
  }

  /// Puts the copied numbers back.
  func restore(to weights: Weights) {
    for (copy, storage) in zip(copies, WeightsSnapshot.storages(of: weights)) {
      unsafe storage.pointer(at: 0, count: storage.count)
        .update(from: copy.pointer(at: 0, count: copy.count), count: copy.count)
    }
  }

  private static func storages(of weights: Weights) -> [FloatStorage] {
    [weights.dense.storage] + weights.denseMoments + weights.tables.joined().map(\.storage)
  }
}
