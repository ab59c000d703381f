import Combiners
import Interactions
import TestSupport
import Testing
import Training

struct CombiningWindowTests {
  /// 41 rows in batches of 10 make 5 steps a pass.
  static func windows(
    _ kind: CombinerKind, epochs: Int, measureEvery: Int? = nil, unknownTask: Int? = nil
  ) throws -> [CombiningWindow] {
    let engine = Runs.engine(
      Runs.weights(), try Runs.combining(kind), measureEvery: measureEvery)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: 10, epochs: epochs),
      log: TinyLog.make(rows: 45, unknownTask: unknownTask), rows: .range(2..<43))
    _ = try loop.run { _ in }
    return loop.combining
  }

  @Test(arguments: [1, 4, 12, 20]) func `cover every step once and no two passes`(epochs: Int)
    throws
  {
    let windows = try CombiningWindowTests.windows(.staticWeights, epochs: epochs)
    var next = 1
    for window in windows {
      #expect(window.firstStep == next)
      #expect((window.firstStep - 1) / 5 == (window.firstStep + window.steps - 2) / 5)
      next += window.steps
    }
    #expect(next == 5 * epochs + 1)
    #expect(windows.count == (epochs == 1 ? 5 : epochs == 4 ? 12 : epochs))
  }

  @Test func `tell weights, norms and pairs of a combiner of gradients`() throws {
    let window = try #require(
      CombiningWindow.mean(of: CombiningWindowTests.windows(.pcgrad, epochs: 2)))
    #expect(window.steps == 10 && window.measuredSteps == 10)
    #expect(window.tasks.map(\.task) == TinyLog.taskNames)
    #expect(window.tasks.allSatisfy { ($0.weight ?? 0) >= 1 && ($0.gradientNorm ?? 0) > 0 })
    #expect(window.tasks.allSatisfy { $0.absent == 0 })
    #expect(
      window.pairs.map { "\($0.first) \($0.second)" } == [
        "click cart", "click purchase", "cart purchase",
      ])
    for pair in window.pairs {
      let cosine = try #require(pair.cosine)
      let conflicts = try #require(pair.conflicts)
      #expect(abs(cosine) < 1 && (0...1).contains(conflicts))
      #expect((conflicts * 10).rounded() == conflicts * 10)
    }
  }

  @Test func `measure one backward pass's gradients now and then`() throws {
    let never = try CombiningWindowTests.windows(.staticWeights, epochs: 2)
    #expect(never.allSatisfy { $0.measuredSteps == 0 && $0.tasks[0].gradientNorm == nil })
    #expect(never.allSatisfy { $0.pairs[0].cosine == nil && $0.pairs[0].conflicts == nil })
    let windows = try CombiningWindowTests.windows(.staticWeights, epochs: 2, measureEvery: 4)
    let mean = try #require(CombiningWindow.mean(of: windows))
    #expect(mean.steps == 10 && mean.measuredSteps == 3)
    #expect((mean.tasks[2].gradientNorm ?? 0) > 0 && mean.pairs[2].cosine != nil)
    #expect(mean.tasks.map(\.weight) == [1, 1, 1])
  }

  @Test func `count the steps in which a task is absent`() throws {
    let windows = try CombiningWindowTests.windows(.pcgrad, epochs: 1, unknownTask: 1)
    let mean = try #require(CombiningWindow.mean(of: windows))
    #expect(mean.tasks.map(\.absent) == [0, 1, 0])
    #expect(mean.tasks[1].weight == nil && mean.tasks[1].loss == nil)
    #expect(mean.tasks[1].gradientNorm == nil)
    #expect(mean.pairs[0].cosine == nil && mean.pairs[1].cosine != nil)
  }
}
