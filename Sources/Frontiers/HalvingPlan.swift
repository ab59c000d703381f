/// Trains many points briefly and only the promising ones for long.
///
/// All points are trained for few epochs; the better part goes on to `rate` times as many, up to the
/// full number. Every rung trains anew, so that each of its runs has the learning rates and the early
/// stopping of a run of that length.
///
/// Jamieson, Talwalkar: *Non-stochastic Best Arm Identification and Hyperparameter Optimization*,
/// AISTATS 2016, figure 3; Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar: *Hyperband*, JMLR 2018. They
/// look for one best setting and keep the lowest losses; what is kept of a frontier is
/// ``survivors(of:keeping:)``.
public struct HalvingPlan: Sendable, Equatable {
  /// One round of training.
  public struct Rung: Sendable, Equatable {
    /// How long each of its points trains.
    public var epochs: Int
    /// How many points train.
    public var points: Int

    public init(epochs: Int, points: Int) {
      self.epochs = epochs
      self.points = points
    }
  }

  /// From the shortest to the full length.
  public let rungs: [Rung]

  /// A plan for some points of which the last ones train for `epochs`.
  ///
  /// - Parameters:
  ///   - points: How many there are to begin with.
  ///   - epochs: The full length.
  ///   - least: Points that stay to the end, where there are as many.
  ///   - rate: By what the points shrink and the epochs grow from rung to rung.
  public init(points: Int, epochs: Int, least: Int = 3, rate: Int = 3) {
    precondition(points > 0 && epochs > 0 && rate > 1)
    var rungs: [Rung] = []
    var (left, length) = (points, 1)
    while length < epochs, left > least {
      rungs.append(Rung(epochs: length, points: left))
      left = max(least, (left + rate - 1) / rate)
      length *= rate
    }
    self.rungs = rungs + [Rung(epochs: epochs, points: left)]
  }

  /// Epochs over all rungs and points, what the plan costs.
  public var totalEpochs: Int { rungs.reduce(0) { $0 + $1.epochs * $1.points } }

  /// The points that go on to the next rung, in the order they came in.
  ///
  /// First every objective's best point, so that no corner of the frontier is lost; then those with
  /// the greatest ``FrontierDistance`` from the other points, each objective divided by its range. It is
  /// negative for a beaten point, the more so the more hopeless it is, and small for one of a crowd.
  /// Points with a NaN go on only where there are too few others.
  ///
  /// - Complexity: O(n² · objectiveCount) for `n` points.
  public static func survivors(of points: [[Double]], keeping count: Int) -> [Int] {
    let known = points.indices.filter { !points[$0].contains(where: \.isNaN) }
    let objectives = points.first?.indices ?? 0..<0
    let ranges = objectives.map { objective in
      let values = known.map { points[$0][objective] }
      let range = (values.max() ?? 0) - (values.min() ?? 0)
      return range > 0 && range.isFinite ? range : 1
    }
    let scaled = points.map { zip($0, ranges).map { $0 / $1 } }
    var chosen: [Int] = []
    for objective in objectives {
      // Of equally good ones that which is better elsewhere.
      let best = known.max {
        (points[$0][objective], scaled[$0].reduce(0, +))
          < (points[$1][objective], scaled[$1].reduce(0, +))
      }
      if let best, !chosen.contains(best) { chosen.append(best) }
    }
    let distances = points.indices.map { index in
      let others = known.filter { $0 != index }.map { scaled[$0] }
      return FrontierDistance(of: scaled[index], from: others).value
    }
    let rest = known.filter { !chosen.contains($0) }.sorted {
      (distances[$1], $0) < (distances[$0], $1)
    }
    let unknown = points.indices.filter { points[$0].contains(where: \.isNaN) }
    return (chosen + rest + unknown).prefix(max(count, 0)).sorted()
  }
}
