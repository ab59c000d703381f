import Frontiers
import Testing
import Tuning

/// Searches for the top of a hill whose place is known.
struct SearchTests {
  private static func space() throws -> SearchSpace {
    try SearchSpace([
      SearchDimension("rate=log:1e-5..1e-1"), SearchDimension("share=0.0..1.0"),
      SearchDimension("layers=1..9"), SearchDimension("kind=a,b,c,d"),
    ])
  }

  /// Minus the squared distance from the top at (0.7, 0.2, 0.5), less a quarter for a wrong kind.
  private static func height(_ point: SearchSpace.Point) -> Double {
    let top = [0.7, 0.2, 0.5]
    let squares = zip(point, top).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    return -squares - (point[3] == 2 ? 0 : 0.25)
  }

  private static func best(_ method: Search.Method, seed: UInt64, trials: Int = 60) throws -> Double
  {
    let search = Search(try space(), method: method, trials: trials, seed: seed)
    let found = search.run(epochs: 9) { $0.map { height($0.point) } }
    return found.compactMap(\.objective).max() ?? -.infinity
  }

  @Test(arguments: Search.Method.allCases)
  func `a small space is tried whole, no point twice`(method: Search.Method) throws {
    let space = try SearchSpace([
      SearchDimension("network.architecture=mmoe,stem,ple"),
      SearchDimension("training.epochs=1..4"),
    ])
    #expect(space.pointCount == 12)
    #expect(try SearchSpace([SearchDimension("network.dropout=0..0.5")]).pointCount == nil)
    let trials = Search(space, method: method, trials: 12, seed: 3).run(epochs: 4) { round in
      round.map { Double($0.index) }
    }
    #expect(Set(trials.map { space.settings(at: $0.point) }).count == 12)
  }

  @Test func `TPE comes nearer to a hill's top than chance`() throws {
    var wins = 0
    var (tpe, random) = (0.0, 0.0)
    for seed in 1...20 as ClosedRange<UInt64> {
      let found = (try Self.best(.tpe, seed: seed), try Self.best(.random, seed: seed))
      wins += found.0 > found.1 ? 1 : 0
      tpe += found.0 / 20
      random += found.1 / 20
    }
    #expect(wins >= 15)
    #expect(tpe > random / 2)
    // A tenth of the way from side to side in each of three dimensions, and the right kind.
    #expect(tpe > -0.03)
  }

  @Test(arguments: Search.Method.allCases)
  func `equal seeds give equal searches, others give others`(method: Search.Method) throws {
    func trials(_ seed: UInt64) throws -> [Search.Trial] {
      Search(try Self.space(), method: method, trials: 30, seed: seed)
        .run(epochs: 9) { $0.map { Self.height($0.point) } }
    }
    #expect(try trials(3) == trials(3))
    #expect(try trials(3) != trials(4))
    #expect(try trials(3).count == 30)
  }

  @Test(arguments: [(1, 9), (2, 2), (30, 9), (27, 3), (100, 4)])
  func `halving trains no more than its budget, and the best to the end`(
    trials: Int, epochs: Int
  ) throws {
    var spent = 0
    let search = Search(try Self.space(), method: .halving, trials: trials, seed: 5)
    let found = search.run(epochs: epochs) { round in
      spent += round.map { $0.epochs ?? 1_000 }.reduce(0, +)
      return round.map { Self.height($0.point) }
    }
    let plan = Search.plan(trials: trials, epochs: epochs)
    #expect(spent == plan.totalEpochs)
    #expect(spent <= trials * epochs)
    let ended = found.filter { $0.stoppedAfter == nil }
    #expect(ended.count == plan.rungs[plan.rungs.count - 1].points)
    let heights = found.map { Self.height($0.point) }
    #expect(ended.map { Self.height($0.point) }.max() == heights.max())
  }

  @Test func `rounds are of a fixed size and are counted through`() throws {
    var sizes: [Int] = []
    var indices: [Int] = []
    _ = Search(try Self.space(), method: .tpe, trials: 30, seed: 1).run(epochs: 1) { round in
      sizes.append(round.count)
      indices += round.map(\.index)
      return round.map { Self.height($0.point) }
    }
    #expect(sizes == [12, 4, 4, 4, 4, 2])
    #expect(indices == Array(0..<30))
  }

  @Test func `a round's points spread`() throws {
    let space = try SearchSpace([SearchDimension("share=0.0..1.0")])
    var round: [Double] = []
    _ = Search(space, method: .tpe, trials: 16, seed: 2).run(epochs: 1) {
      round = $0.map { $0.point[0] }
      return round.map { -($0 - 0.3) * ($0 - 0.3) }
    }
    #expect(Set(round).count == 4)
  }

  @Test func `failed trials are worst and don't stop the search`() throws {
    let space = try SearchSpace([SearchDimension("share=0.0..1.0")])
    for value in [nil, Double.nan, -.infinity] {
      let found = Search(space, method: .tpe, trials: 60, seed: 4).run(epochs: 1) {
        $0.map { $0.point[0] > 0.5 ? value : $0.point[0] }
      }
      // What fails is avoided, and the best of what does not is found beside it.
      #expect(found.suffix(20).count { $0.point[0] > 0.5 } <= 8)
      #expect((found.compactMap(\.objective).filter(\.isFinite).max() ?? 0) > 0.48)
    }
    let nothing = Search(space, method: .tpe, trials: 20, seed: 4).run(epochs: 1) {
      $0.map { _ in nil }
    }
    #expect(nothing.count == 20)
  }

  @Test func `order is by falling objective, the earlier first`() {
    #expect(SearchOrder.best(of: [1, nil, 3, 1, .nan, -.infinity]) == [2, 0, 3, 1, 4, 5])
  }
}
