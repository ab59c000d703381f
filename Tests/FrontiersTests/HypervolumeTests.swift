import Frontiers
import Randomness
import TestSupport
import Testing

struct HypervolumeTests {
  private static func volume(_ points: [[Double]]) -> Double {
    Hypervolume(of: points, above: [Double](repeating: 0, count: points[0].count)).value
  }

  @Test(arguments: 1...8)
  func `one point covers its box`(objectives: Int) {
    let point = (1...objectives).map { 0.5 + 0.1 * Double($0) }
    let reference = [Double](repeating: 0.5, count: objectives)
    let expected = point.reduce(1) { $0 * ($1 - 0.5) }
    let volume = Hypervolume(of: [point], above: reference).value
    #expect(abs(volume - expected) <= 1e-12 * expected)
  }

  @Test(arguments: 2...8)
  func `boxes with one long side each have the closed form`(objectives: Int) {
    // Of side 1, and in one objective 2: a unit cube, and one more cube for each point.
    let points = (0..<objectives).map { k in (0..<objectives).map { $0 == k ? 2.0 : 1.0 } }
    #expect(abs(Self.volume(points) - Double(1 + objectives)) < 1e-12)
  }

  @Test func `a staircase has the closed form`() {
    let points: [[Double]] = [[1, 4], [2, 3], [3, 2], [4, 1], [1, 1], [2, 3]]
    #expect(Self.volume(points) == 10)
  }

  @Test(arguments: 3...6)
  func `agrees with counting random places`(objectives: Int) {
    let points = Points.front(12, objectives: objectives, seed: 5)
    let places = Points.random(20_000, objectives: objectives, seed: 6)
    let covered = places.count { place in
      points.contains { zip($0, place).allSatisfy { $0 >= $1 } }
    }
    let share = Double(covered) / Double(places.count)
    // Four deviations of the count.
    let error = 4 * (share * (1 - share) / Double(places.count)).squareRoot()
    #expect(abs(Self.volume(points) - share) < error)
  }

  @Test(arguments: 2...6)
  func `no order, duplicate or beaten point changes it`(objectives: Int) {
    var points = Points.front(14, objectives: objectives, seed: 8)
    let volume = Self.volume(points)
    #expect(abs(Self.volume(points.reversed()) - volume) < 1e-12)
    var generator = SplitMix64(seed: 1)
    points += points.prefix(3) + [points[0].map { 0.9 * $0 }]
    points.append([Double](repeating: .nan, count: objectives))
    points.shuffle(using: &generator)
    #expect(abs(Self.volume(points) - volume) < 1e-12)
  }

  @Test(arguments: 2...5)
  func `a point more never makes it smaller`(objectives: Int) {
    let points = Points.random(25, objectives: objectives, seed: 2)
    let volumes = (1...points.count).map { Self.volume(Array(points.prefix($0))) }
    for (former, next) in zip(volumes, volumes.dropFirst()) { #expect(next >= former - 1e-12) }
  }

  @Test func `what isn't above the reference counts for nothing`() {
    let points: [[Double]] = [[0.5, 0.9], [0.4, 0.9], [0.7, -.infinity], [0.6, 0.6]]
    let volume = Hypervolume(of: points, above: [0.5, 0.5]).value
    #expect(abs(volume - 0.01) < 1e-12)
    #expect(Hypervolume(of: [], above: [0, 0]).value == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `fifty points in five objectives take no time`() {
    // Less than the ball's part that the points lie on, 8π²/15 · 2⁻⁵.
    let volume = Self.volume(Points.front(50, objectives: 5, seed: 3))
    #expect(volume > 0.05 && volume < 0.165)
  }
}
