import Interactions
import ShopSimulation
import Testing

struct ShopPopulationTests {
  @Test func `every day brings its share of new users and items`() throws {
    let settings = ShopSettings.small()
    let shop = try ShopSimulation(settings: settings)
    for (rows, initial, daily) in [(shop.users(), 200, 4), (shop.items(), 100, 2)] {
      let joined = rows.columns[1].wholeNumbers
      #expect(joined.count { $0 < settings.start } == initial)
      for day in 0..<4 {
        let from = settings.start + Int64(day) * 86_400_000_000
        #expect(joined.count { $0 >= from && $0 < from + 86_400_000_000 } == daily)
      }
      #expect(zip(joined, joined.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(rows.columns[0].wholeNumbers == Array(1...Int64(initial + 4 * daily)))
    }
  }

  @Test func `newcomers appear in the log from the first day on`() throws {
    let settings = ShopSettings.small {
      $0.newUsersPerDay = 0.1
      $0.newItemsPerDay = 0.1
    }
    let shop = try ShopSimulation(settings: settings)
    let log = WholeLog(shop)
    for day in 0..<4 {
      let rows = log.shownAt.indices.filter {
        (log.shownAt[$0] - shop.settings.start) / 86_400_000_000 == Int64(day)
      }
      #expect(rows.contains { log.users[$0] > 200 })
      #expect(rows.contains { log.items[$0] > 100 })
    }
  }

  @Test func `a shop without newcomers keeps its users and items`() throws {
    let settings = ShopSettings.small {
      $0.newUsersPerDay = 0
      $0.newItemsPerDay = 0
    }
    let shop = try ShopSimulation(settings: settings)
    #expect(shop.users().rowCount == 200)
    #expect(shop.items().rowCount == 100)
  }

  @Test func `popularity is skewed`() throws {
    let log = WholeLog(try ShopSimulation(settings: .small()))
    let counts = Dictionary(grouping: log.users) { $0 }.values.map(\.count).sorted(by: >)
    let top = counts.prefix(counts.count / 10).reduce(0, +)
    #expect(Double(top) > 0.2 * Double(log.users.count))
  }

  @Test func `prices are positive whole cents`() throws {
    let prices = try ShopSimulation(settings: .small()).items().columns[4].realNumbers
    #expect(prices.allSatisfy { $0 > 0 && abs($0 * 100 - ($0 * 100).rounded()) < 1e-6 })
  }

  @Test func `the smallest shop works`() throws {
    let settings = ShopSettings.small {
      $0.users = 1
      $0.items = 10
      $0.days = 1
      $0.impressions = 1
      $0.newUsersPerDay = 0
      $0.newItemsPerDay = 0
      $0.start = 0
    }
    let log = WholeLog(try ShopSimulation(settings: settings))
    #expect(log.users == [1])
  }
}
