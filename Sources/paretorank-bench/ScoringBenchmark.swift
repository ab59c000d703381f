import Interactions
import Networks
import Training

/// Scores rows with the reference network on all cores: forward passes and sigmoids.
struct ScoringBenchmark {
  let isQuick: Bool
  let peer: Peer?

  func run(_ report: inout Report) throws {
    let problem = ReferenceProblem()
    let engine = ScoringEngine(
      weights: Weights(network: problem.network, momentCount: 0, seed: 1), schema: problem.schema)
    let rows = isQuick ? 1 << 16 : 1 << 17
    var works: [() throws -> Double] = [
      {
        Rounds.rate { Double(engine.scores(of: problem.log, rows: .range(0..<rows))[0].count) }
      }
    ]
    if let peer { works.append { try peer.rate(of: "scoring", batch: 4_096) } }
    let rounds = try Rounds.inTurns(isQuick ? 5 : 9, works)
    report.add(.scoring, "forward only", "rows/s", rounds[0])
    if rounds.count > 1 {
      report.add(.scoring, "forward only, batch 4096, PyTorch", "rows/s", rounds[1])
      report.addRatio(.scoring, "forward only, ratio", rounds[0], to: rounds[1])
    }
  }
}
