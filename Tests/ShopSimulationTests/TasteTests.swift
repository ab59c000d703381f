import RealModule
import ShopSimulation
import Testing

struct TasteTests {
  @Test func `the agreement moves the correlation of click and purchase`() throws {
    var correlations: [Double] = []
    for agreement in [-1, -0.5, 0, 0.5, 1] {
      let settings = ShopSettings.small {
        $0.agreement = agreement
        $0.positionBias = 0
      }
      let log = WholeLog(try ShopSimulation(settings: settings))
      let click = log.click.map { Double.log($0) }
      correlations.append(click.correlation(with: log.purchase.map { Double.log($0) }))
    }
    #expect(zip(correlations, correlations.dropFirst()).allSatisfy { $0 < $1 })
    #expect(correlations[0] < -0.5)
    #expect(abs(correlations[2]) < 0.35)
    #expect(correlations[4] > 0.9)
  }

  @Test func `the agreement changes neither what is shown nor what is clicked`() throws {
    let opposed = WholeLog(try ShopSimulation(settings: .small { $0.agreement = -1 }))
    let agreed = WholeLog(try ShopSimulation(settings: .small { $0.agreement = 1 }))
    #expect(opposed.users == agreed.users && opposed.items == agreed.items)
    #expect(opposed.click == agreed.click)
    #expect(opposed.times(of: "click") == agreed.times(of: "click"))
    #expect(opposed.purchase != agreed.purchase)
  }

  @Test func `clicks fall from position to position, faster with a stronger bias`() throws {
    var ratios: [Double] = []
    for bias in [0, 0.8, 2] {
      let log = WholeLog(
        try ShopSimulation(
          settings: .small {
            $0.positionBias = bias
            $0.impressions = 20_000
          }))
      let byPosition = (1...10).map { position in
        log.click.indices.filter { log.positions[$0] == position }.map { log.click[$0] }.mean
      }
      if bias > 0 { #expect(zip(byPosition, byPosition.dropFirst()).allSatisfy { $0 > $1 }) }
      ratios.append(byPosition[0] / byPosition[9])
    }
    #expect(abs(ratios[0] - 1) < 0.1)
    #expect(ratios[0] < ratios[1] && ratios[1] < ratios[2])
  }

  @Test func `a drift turns what is liked, and the more the later, but not what is shown`() throws {
    let still = WholeLog(try ShopSimulation(settings: .small()))
    let turning = WholeLog(try ShopSimulation(settings: .small { $0.drift = 0.1 }))
    #expect(still.users == turning.users && still.items == turning.items)
    let count = still.click.count
    let thirds = (0..<3).map { $0 * count / 3..<($0 + 1) * count / 3 }
    let agreements = thirds.map { rows in
      still.click[rows].map { Double.log($0) }
        .correlation(with: turning.click[rows].map { Double.log($0) })
    }
    #expect(agreements[0] > 0.9)
    #expect(zip(agreements, agreements.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func `the position changes the click alone`() throws {
    let log = WholeLog(try ShopSimulation(settings: .small { $0.positionBias = 5 }))
    let conversion = (1...10).map { position in
      log.click.indices.filter { log.positions[$0] == position }
        .map { log.purchase[$0] / log.click[$0] }.mean
    }
    #expect(conversion.allSatisfy { abs($0 / conversion.mean - 1) < 0.3 })
  }

  @Test func `best possible click ranking is neither trivial nor hopeless`() throws {
    let log = WholeLog(try ShopSimulation(settings: .small { $0.impressions = 20_000 }))
    let clicks = log.times(of: "click")
    let ranked = log.click.indices.sorted { log.click[$0] < log.click[$1] }
    var rankSum = 0.0
    for (rank, row) in ranked.enumerated() where clicks[log.impressions[row]] != nil {
      rankSum += Double(rank + 1)
    }
    let positives = Double(clicks.count)
    let negatives = Double(log.click.count) - positives
    let auc = (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
    #expect(auc > 0.72 && auc < 0.85)
  }
}
