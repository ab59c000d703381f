import Interactions
import ShopSimulation
import Testing

struct FunnelTests {
  /// A shop large enough that its mean probabilities come near the rates.
  private static func shop(
    _ change: @escaping (inout ShopSettings) -> Void
  ) throws -> ShopSimulation {
    try ShopSimulation(
      settings: .small {
        $0.users = 1_000
        $0.items = 500
        $0.impressions = 20_000
        change(&$0)
      })
  }

  @Test(arguments: [-1, -0.5, 0, 0.5, 1])
  func `rates come within 15 percent of their targets at any agreement`(
    agreement: Double
  ) throws {
    let log = WholeLog(try Self.shop { $0.agreement = agreement })
    #expect(abs(log.click.mean / 0.1 - 1) < 0.15)
    #expect(abs(log.cart.mean / 0.02 - 1) < 0.15)
    #expect(abs(log.purchase.mean / 0.005 - 1) < 0.15)
  }

  @Test func `rates keep to their targets however strong the position bias`() throws {
    for bias in [0.0, 5.0] {
      let log = WholeLog(try Self.shop { $0.positionBias = bias })
      #expect(abs(log.click.mean / 0.1 - 1) < 0.15)
      #expect(abs(log.purchase.mean / 0.005 - 1) < 0.15)
    }
  }

  @Test func `nobody puts into the cart unclicked or buys what is not in the cart`() throws {
    let log = WholeLog(try Self.shop { _ in })
    let clicks = log.times(of: "click")
    let carts = log.times(of: "add_to_cart")
    let purchases = log.times(of: "purchase")
    #expect(!purchases.isEmpty)
    #expect(clicks.count + carts.count + purchases.count == log.eventCount)
    for (impression, time) in carts { #expect(try #require(clicks[impression]) < time) }
    for (impression, time) in purchases { #expect(try #require(carts[impression]) < time) }
    for row in log.click.indices {
      #expect(log.click[row] > log.cart[row] && log.cart[row] > log.purchase[row])
      #expect(log.click[row] < 1 && log.purchase[row] > 0)
    }
  }

  @Test func `nearly all events fall into their attribution windows`() throws {
    let log = WholeLog(try Self.shop { _ in })
    let minute: Int64 = 60_000_000
    for (kind, window) in [
      ("click", 30 * minute), ("add_to_cart", 1_440 * minute), ("purchase", 4_320 * minute),
    ] {
      let times = log.times(of: kind)
      let inside = times.count { $1 - log.shownAt[Int($0) - 1] < window }
      #expect(Double(inside) >= 0.97 * Double(times.count))
      #expect(times.allSatisfy { $1 > log.shownAt[Int($0) - 1] })
    }
  }

  @Test func `the clock stands late enough to close the last day's windows`() throws {
    let shop = try Self.shop { _ in }
    let end = shop.settings.start + Int64(shop.settings.days) * 86_400_000_000
    #expect(shop.completeUntil >= end + 72 * 3_600_000_000)
    #expect(shop.logClock().columns[0].wholeNumbers == [shop.completeUntil])
    let log = WholeLog(shop)
    #expect(log.events.values.allSatisfy { $0.values.allSatisfy { $0 < shop.completeUntil } })
  }

  /// How many standard errors an observed count may lie from its expectation; a right simulation
  /// exceeds it once in 16,000 independent comparisons.
  private static let mostStandardErrors = 4.0

  @Test(arguments: ["click", "add_to_cart", "purchase"])
  func `outcomes are as frequent as their true probabilities say`(kind: String) throws {
    let log = WholeLog(try Self.shop { $0.impressions = 40_000 })
    let happened = log.times(of: kind)
    let probabilities = ["click": log.click, "add_to_cart": log.cart, "purchase": log.purchase]
    let truth = try #require(probabilities[kind])
    let byProbability = truth.indices.sorted { truth[$0] < truth[$1] }
    let binCount = kind == "purchase" ? 2 : 8
    for bin in 0..<binCount {
      let from = bin * truth.count / binCount
      let rows = byProbability[from..<(bin + 1) * truth.count / binCount]
      let observed = rows.count { happened[log.impressions[$0]] != nil }
      let expected = rows.reduce(0) { $0 + truth[$1] }
      let variance = rows.reduce(0) { $0 + truth[$1] * (1 - truth[$1]) }
      let standardErrors = abs(Double(observed) - expected) / variance.squareRoot()
      #expect(standardErrors < Self.mostStandardErrors, "bin \(bin) of \(kind)")
    }
  }
}
