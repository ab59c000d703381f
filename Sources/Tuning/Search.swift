public import Frontiers
internal import Randomness

/// A search for the point of a space that is best by some measure.
///
/// What it proposes depends on the seed and on what earlier rounds came to, never on how many of a
/// round's trials run at the same time or in which order they end. So a search that was killed goes on
/// with the same proposals where the results of its trials were kept.
public struct Search: Sendable {
  /// How points are chosen.
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// All at random, which a search in many dimensions must first beat.
    ///
    /// Bergstra, Bengio: *Random Search for Hyper-Parameter Optimization*, JMLR 2012.
    case random
    /// At random; all train for few epochs, and a third of each round for three times as many.
    ///
    /// Jamieson, Talwalkar: *Non-stochastic Best Arm Identification and Hyperparameter Optimization*,
    /// AISTATS 2016, figure 3; see ``HalvingPlan``.
    case halving
    /// Where good points were denser than bad ones, after a start at random.
    ///
    /// Bergstra, Bardenet, Bengio, Kégl: *Algorithms for Hyper-Parameter Optimization*, NIPS 2011.
    case tpe
  }

  /// One training that is asked for.
  public struct Proposal: Sendable, Equatable {
    /// Which point, counted from 0 in the order of first proposals.
    public var index: Int
    public var point: SearchSpace.Point
    /// How long to train, where the method decides on that.
    public var epochs: Int?
  }

  /// What a point came to.
  public struct Trial: Sendable, Equatable {
    public var point: SearchSpace.Point
    /// Nil or not finite where it failed.
    public var objective: Double?
    /// Epochs after which it was given up; nil where it trained to the end.
    public var stoppedAfter: Int?
  }

  /// Trials that are proposed together by ``Method/tpe``: more would know less, fewer leave cores idle.
  public static let roundSize = 4
  /// Trials at random with which ``Method/tpe`` begins, or half of all where these are fewer.
  public static let startCount = 12

  private let space: SearchSpace
  private let method: Method
  private let trials: Int
  private let seed: UInt64

  /// Creates a search of some trials, at least one, at most as many as the space has points.
  public init(_ space: SearchSpace, method: Method, trials: Int, seed: UInt64) {
    precondition(trials > 0 && trials <= space.pointCount ?? trials, "\(trials) trials")
    self.space = space
    self.method = method
    self.trials = trials
    self.seed = seed
  }

  /// What ``Method/halving`` trains where the full length is `epochs`.
  public static func plan(trials: Int, epochs: Int) -> HalvingPlan {
    HalvingPlan(points: trials, epochs: epochs, least: 1)
  }

  /// Proposes points round by round.
  ///
  /// - Parameters:
  ///   - epochs: The full length of a training, of which ``Method/halving`` gives most points a part.
  ///   - measure: Answers what is to be maximised, for each proposal of a round in order; nil where it
  ///     failed.
  /// - Returns: All trials, in the order of their first proposals.
  public func run(
    epochs: Int, _ measure: (_ round: [Proposal]) throws -> [Double?]
  ) rethrows -> [Trial] {
    switch method {
    case .random: try rounds(measure) { _ in trials }
    case .tpe:
      try rounds(measure) { $0 == 0 ? min(Self.startCount, max(trials / 2, 1)) : Self.roundSize }
    case .halving: try halve(epochs, measure)
    }
  }

  // MARK: Methods

  /// Rounds of `size(done)` trials each, at random as long as there are none to learn from.
  private func rounds(
    _ measure: ([Proposal]) throws -> [Double?], size: (_ done: Int) -> Int
  ) rethrows -> [Trial] {
    var found: [Trial] = []
    var known: Set<[String]> = []
    while found.count < trials {
      let count = min(size(found.count), trials - found.count)
      var estimator = TreeParzenEstimator(space, observed: found.map { ($0.point, $0.objective) })
      let round = (found.count..<found.count + count).map { index in
        let point = newPoint(index, beside: &known) {
          found.isEmpty ? space.randomPoint(using: &$0) : estimator.propose(using: &$0)
        }
        estimator.avoid(point)
        return Proposal(index: index, point: point)
      }
      for (proposal, objective) in zip(round, try measure(round)) {
        found.append(Trial(point: proposal.point, objective: objective))
      }
    }
    return found
  }

  private func halve(
    _ epochs: Int, _ measure: ([Proposal]) throws -> [Double?]
  ) rethrows -> [Trial] {
    var known: Set<[String]> = []
    var found = (0..<trials).map { index in
      Trial(point: newPoint(index, beside: &known) { space.randomPoint(using: &$0) })
    }
    let plan = Self.plan(trials: trials, epochs: epochs)
    var left = Array(found.indices)
    for (number, rung) in plan.rungs.enumerated() {
      let isLast = number == plan.rungs.count - 1
      let objectives = try measure(
        left.map { Proposal(index: $0, point: found[$0].point, epochs: rung.epochs) })
      for (index, objective) in zip(left, objectives) {
        found[index].objective = objective
        found[index].stoppedAfter = isLast ? nil : rung.epochs
      }
      guard !isLast else { break }
      left = SearchOrder.best(of: objectives).prefix(plan.rungs[number + 1].points)
        .map { left[$0] }.sorted()
    }
    return found
  }

  /// A point with other values than those before.
  ///
  /// It is one that is proposed, or at random where proposals come again and again. Intervals too narrow to
  /// have as many values may repeat one.
  private func newPoint(
    _ index: Int, beside known: inout Set<[String]>,
    propose: (inout SplitMix64) -> SearchSpace.Point
  ) -> SearchSpace.Point {
    var generator = generator(for: index)
    var point = propose(&generator)
    var attempts = 1
    while !known.insert(space.settings(at: point)).inserted {
      if space.pointCount == nil, attempts == 100 { break }
      point = attempts < 10 ? propose(&generator) : space.randomPoint(using: &generator)
      attempts += 1
    }
    return point
  }

  /// A generator of a trial's own, so that random trials are the same whatever came before.
  private func generator(for index: Int) -> SplitMix64 { .derived(from: seed, for: UInt64(index)) }
}
