import Frontiers
import Testing

struct HalvingPlanTests {
  @Test func `a third goes on for three times as long`() {
    let plan = HalvingPlan(points: 27, epochs: 9)
    #expect(
      plan.rungs == [
        HalvingPlan.Rung(epochs: 1, points: 27), HalvingPlan.Rung(epochs: 3, points: 9),
        HalvingPlan.Rung(epochs: 9, points: 3),
      ])
    #expect(plan.totalEpochs == 81)
  }

  @Test(arguments: [(1, 1), (1, 9), (3, 9), (40, 1), (5, 2), (100, 3)])
  func `the last rung has the full length, and none more points than the former`(
    points: Int, epochs: Int
  ) {
    let rungs = HalvingPlan(points: points, epochs: epochs).rungs
    #expect(rungs[0].points == points)
    #expect(rungs[rungs.count - 1].epochs == epochs)
    for (former, next) in zip(rungs, rungs.dropFirst()) {
      #expect(next.points < former.points && next.epochs > former.epochs)
    }
  }

  @Test func `every task's best point survives, and hopeless ones go`() {
    let points: [[Double]] = [[0.9, 0.5], [0.6, 0.6], [0.8, 0.75], [0.5, 0.9], [0.55, 0.55]]
    #expect(HalvingPlan.survivors(of: points, keeping: 3) == [0, 2, 3])
    #expect(HalvingPlan.survivors(of: points, keeping: 4) == [0, 1, 2, 3])
    #expect(HalvingPlan.survivors(of: points, keeping: 9) == [0, 1, 2, 3, 4])
  }

  @Test func `scales of the tasks don't matter`() {
    let points = Points.random(30, objectives: 3, seed: 2)
    let scaled = points.map { [1e-3 * $0[0] + 5, 1e4 * $0[1], $0[2]] }
    #expect(
      HalvingPlan.survivors(of: points, keeping: 10)
        == HalvingPlan.survivors(of: scaled, keeping: 10))
  }

  @Test func `unknown points are the last to be kept`() {
    let points: [[Double]] = [[.nan, 1], [0.1, 0.1], [0.2, 0.3], [.nan, .nan]]
    #expect(HalvingPlan.survivors(of: points, keeping: 2) == [1, 2])
    #expect(HalvingPlan.survivors(of: points, keeping: 3) == [0, 1, 2])
  }
}
