import Combiners

/// Trains the reference network on all cores.
struct TrainingBenchmark {
  let isQuick: Bool
  let peer: Peer?
  private let problem = ReferenceProblem()

  /// One way of training.
  private struct Variant {
    let name: String
    let combining: Combining
    let batch: Int
    /// What the peer calls it; nil where it has none.
    var peerName: String?
  }

  init(isQuick: Bool, peer: Peer?) {
    self.isQuick = isQuick
    self.peer = peer
  }

  func run(_ report: inout Report) throws {
    let taskCount = ReferenceProblem.usualTaskNames.count
    let even = Combining.losses(try StaticWeights(Array(repeating: 1, count: taskCount)))
    let variants = [
      Variant(name: "static", combining: even, batch: 4_096, peerName: "training"),
      Variant(name: "static", combining: even, batch: 1_024, peerName: "training"),
      Variant(
        name: "pcgrad", combining: .gradients(PCGrad(seed: 1)), batch: 4_096, peerName: "pcgrad"),
      Variant(
        name: "metabalance",
        combining: .elements(PerBlock(try MetaBalance(taskCount: taskCount, main: 0))),
        batch: 4_096),
      Variant(
        name: "uncertainty", combining: .losses(try UncertaintyWeighting(taskCount: taskCount)),
        batch: 4_096),
    ]
    for variant in variants { try measure(variant, &report) }
  }

  private func measure(_ variant: Variant, _ report: inout Report) throws {
    let trainer = Trainer(problem: problem, combining: variant.combining, batch: variant.batch)
    let name = "\(variant.name), batch \(variant.batch)"
    let ours = { try Rounds.rate { try trainer.train(rows: isQuick ? 1 << 15 : 1 << 16) } }
    guard let peer, let peerName = variant.peerName else {
      let rounds = try Rounds.inTurns(isQuick ? 5 : 9, [ours])
      return report.add(.training, name, "rows/s", rounds[0])
    }
    let rounds = try Rounds.inTurns(
      isQuick ? 5 : 9, [ours, { try peer.rate(of: peerName, batch: variant.batch) }])
    report.add(.training, name, "rows/s", rounds[0])
    report.add(.training, "\(name), PyTorch", "rows/s", rounds[1])
    report.addRatio(.training, "\(name), ratio", rounds[0], to: rounds[1])
  }
}
