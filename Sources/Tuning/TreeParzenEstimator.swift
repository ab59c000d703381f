internal import Randomness

/// Proposes points that resemble the good ones seen so far more than the bad ones.
///
/// The best ``goodShare`` of the observed points are good, the others bad; `l` and `g` are their
/// densities, one ``ParzenDensity`` a dimension. Of ``candidateCount`` coordinates drawn from `l`, the one
/// with the greatest `l / g` is proposed, dimension by dimension: where the dimensions are independent, as
/// here, the greatest product has the greatest factors.
///
/// Bergstra, Bardenet, Bengio, Kégl: *Algorithms for Hyper-Parameter Optimization*, NIPS 2011, section 4.
/// Departures: no dimension exists only for some values of another, and several points are proposed at
/// once; each counts as a bad one for those proposed after it, so that they spread.
struct TreeParzenEstimator {
  /// Of the observed points, those that count as good; the paper's γ.
  static let goodShare = 0.2
  /// Coordinates to choose from.
  static let candidateCount = 24

  private let space: SearchSpace
  private let good: [SearchSpace.Point]
  private var bad: [SearchSpace.Point]

  /// `observed` has points with what is to be maximised; one that is NaN or nil is worst.
  init(_ space: SearchSpace, observed: [(point: SearchSpace.Point, objective: Double?)]) {
    self.space = space
    let order = SearchOrder.best(of: observed.map(\.objective))
    let goodCount = Int((Self.goodShare * Double(observed.count)).rounded(.up))
    // A point that failed is never good.
    let good = order.prefix(goodCount).filter { observed[$0].objective?.isFinite == true }
    self.good = good.map { observed[$0].point }
    bad = order.filter { !good.contains($0) }.map { observed[$0].point }
  }

  /// The next point to try.
  func propose(using generator: inout SplitMix64) -> SearchSpace.Point {
    space.dimensions.enumerated().map { index, dimension in
      let choiceCount = dimension.choiceCount
      let likely = ParzenDensity(of: good.map { $0[index] }, choiceCount: choiceCount)
      let unlikely = ParzenDensity(of: bad.map { $0[index] }, choiceCount: choiceCount)
      var best = (coordinate: 0.0, ratio: -Double.infinity)
      for _ in 0..<Self.candidateCount {
        let coordinate = likely.sample(using: &generator)
        let ratio = likely.value(at: coordinate) / unlikely.value(at: coordinate)
        if ratio > best.ratio { best = (coordinate, ratio) }
      }
      return best.coordinate
    }
  }

  /// Counts a point that is about to be tried as a bad one, so that those proposed after it are others.
  mutating func avoid(_ point: SearchSpace.Point) { bad.append(point) }
}
