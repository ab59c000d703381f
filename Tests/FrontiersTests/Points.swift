import Randomness

/// Points to sort and measure.
enum Points {
  /// Seeded points in the unit cube; few distinct numbers make ties.
  static func random(_ count: Int, objectives: Int, seed: UInt64, levels: Int = 1 << 40)
    -> [[Double]]
  {
    var generator = SplitMix64.derived(from: seed, for: UInt64(objectives))
    return (0..<count).map { _ in
      (0..<objectives).map { _ in
        (generator.uniform() * Double(levels)).rounded(.down) / Double(levels)
      }
    }
  }

  /// Points of a curved front, none of which beats another.
  static func front(_ count: Int, objectives: Int, seed: UInt64) -> [[Double]] {
    random(count, objectives: objectives, seed: seed).map { point in
      let norm = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return point.map { $0 / norm }
    }
  }
}
