import Frontiers
import Testing

struct ParetoRanksTests {
  /// Ranks by their definition: peel off what nothing left beats.
  private static func peeled(_ points: [[Double]]) -> [Int?] {
    var ranks = [Int?](repeating: nil, count: points.count)
    var left = points.indices.filter { !points[$0].contains(where: \.isNaN) }
    var rank = 0
    while !left.isEmpty {
      let front = left.filter { point in
        !left.contains { other in
          zip(points[other], points[point]).allSatisfy { $0 >= $1 }
            && points[other] != points[point]
        }
      }
      for point in front { ranks[point] = rank }
      left.removeAll { front.contains($0) }
      rank += 1
    }
    return ranks
  }

  @Test(arguments: 1...5, [2, 5, 1 << 40])
  func `fronts are what peeling finds, ties or not`(objectives: Int, levels: Int) {
    for seed in 0..<20 as Range<UInt64> {
      let points = Points.random(60, objectives: objectives, seed: seed, levels: levels)
      #expect(ParetoRanks(of: points).ranks == Self.peeled(points))
    }
  }

  @Test func `equal points stay together and unknown ones are on no front`() {
    let points: [[Double]] = [[1, 2], [.nan, 9], [1, 2], [1, 1], [9, .nan], [2, 1]]
    let ranks = ParetoRanks(of: points)
    #expect(ranks.ranks == [0, nil, 0, 1, nil, 0])
    #expect(ranks.frontier == [0, 2, 5])
  }

  @Test func `an infinite loss is beaten like any other`() {
    let points: [[Double]] = [[-.infinity, 0.5], [-0.3, 0.5], [-.infinity, 0.6]]
    #expect(ParetoRanks(of: points).ranks == [1, 0, 0])
  }

  @Test func `a point beats those that are lower somewhere and higher nowhere`() {
    #expect(ParetoRanks.dominates([1, 2], [1, 1]))
    #expect(!ParetoRanks.dominates([1, 2], [1, 2]))
    #expect(!ParetoRanks.dominates([1, 2], [2, 1]))
    #expect(!ParetoRanks.dominates([1, 1], [1, 2]))
  }

  @Test func `no points have no frontier`() {
    #expect(ParetoRanks(of: []).frontier == [])
  }

  @Test func `one order of the points is as good as another`() {
    let points = Points.random(80, objectives: 3, seed: 4, levels: 6)
    let reversed = ParetoRanks(of: points.reversed()).ranks
    #expect(ParetoRanks(of: points).ranks == reversed.reversed())
  }
}
