import Interactions
import ShopSimulation
import Testing

struct ShopLogTests {
  @Test(arguments: [1, 10, 999, 100_000])
  func `equal seeds give equal rows however the log is cut`(rowsPerChunk: Int) throws {
    let first = WholeLog(try ShopSimulation(settings: .small()))
    let second = WholeLog(try ShopSimulation(settings: .small()), rowsPerChunk: rowsPerChunk)
    #expect(first == second)
  }

  @Test func `a seed gives the same shop in every version`() throws {
    let log = WholeLog(try ShopSimulation(settings: .small { $0.seed = 1 }))
    #expect(log.items.prefix(5) == [78, 75, 49, 63, 92])
    #expect(log.eventCount == 613)
  }

  @Test func `another seed gives another shop`() throws {
    let one = try ShopSimulation(settings: .small { $0.seed = 1 })
    let two = try ShopSimulation(settings: .small { $0.seed = 2 })
    #expect(one.users() != two.users())
    #expect(one.items() != two.items())
    #expect(one.candidates() != two.candidates())
    #expect(WholeLog(one).users != WholeLog(two).users)
  }

  @Test(arguments: [1, 2, 39, 40, 5_003])
  func `the log has exactly the impressions asked for, in order of time`(count: Int) throws {
    let settings = ShopSettings.small { $0.impressions = count }
    let log = WholeLog(try ShopSimulation(settings: settings))
    #expect(log.impressions == Array(1...Int64(count)))
    #expect(zip(log.shownAt, log.shownAt.dropFirst()).allSatisfy { $0 <= $1 })
    let end = settings.start + 4 * 86_400_000_000
    #expect(log.shownAt.allSatisfy { $0 >= settings.start && $0 < end })
  }

  @Test func `a request shows one user different items at rising positions`() throws {
    let log = WholeLog(try ShopSimulation(settings: .small()))
    let requests = Dictionary(grouping: log.impressions.indices) { log.requests[$0] }
    for (_, rows) in requests {
      #expect(Set(rows.map { log.users[$0] }).count == 1)
      #expect(Set(rows.map { log.shownAt[$0] }).count == 1)
      #expect(Set(rows.map { log.items[$0] }).count == rows.count)
      #expect(rows.map { log.positions[$0] } == Array(1...Int64(rows.count)))
    }
    #expect(requests.values.filter { $0.count < 10 }.count <= 4)
  }

  @Test func `a shop of ten items shows all of them`() throws {
    let settings = ShopSettings.small {
      $0.items = 10
      $0.newItemsPerDay = 0
    }
    let log = WholeLog(try ShopSimulation(settings: settings))
    #expect(Set(log.items.prefix(10)) == Set(1...10))
  }

  @Test func `nothing is shown to or of somebody who has not joined yet`() throws {
    let shop = try ShopSimulation(settings: .small())
    let users = shop.users().columns[1].wholeNumbers
    let items = shop.items().columns[1].wholeNumbers
    let log = WholeLog(shop)
    for row in log.impressions.indices {
      #expect(users[Int(log.users[row]) - 1] <= log.shownAt[row])
      #expect(items[Int(log.items[row]) - 1] <= log.shownAt[row])
    }
  }

  @Test func `recent items are the user's clicks before the request, newest first`() throws {
    // So few users that a request often comes before the clicks of the one before it.
    let settings = ShopSettings.small {
      $0.users = 2
      $0.days = 1
    }
    let log = WholeLog(try ShopSimulation(settings: settings))
    let clicks = log.times(of: "click")
    var clicksOfUser: [Int64: [(time: Int64, item: Int64)]] = [:]
    for row in log.impressions.indices {
      guard let time = clicks[log.impressions[row]] else { continue }
      clicksOfUser[log.users[row], default: []].append((time, log.items[row]))
    }
    for row in log.impressions.indices {
      let before = (clicksOfUser[log.users[row]] ?? []).filter { $0.time < log.shownAt[row] }
      let expected = before.sorted { $0.time > $1.time }.prefix(10).map(\.item)
      #expect(log.recentItems[row] == expected)
    }
    #expect(log.recentItems.contains { $0.count == 10 })
  }

  @Test func `rows match their table definitions`() throws {
    let shop = try ShopSimulation(settings: .small())
    let chunk = try #require(shop.log().first { _ in true })
    let rows: [ShopTable: RowChunk] = [
      .users: shop.users(), .items: shop.items(), .impressions: chunk.impressions,
      .events: chunk.events, .trueProbabilities: chunk.trueProbabilities,
      .candidates: shop.candidates(), .logClock: shop.logClock(),
    ]
    for table in ShopTable.allCases {
      let columns = try #require(rows[table]).columns
      let described = table.definition.columns
      #expect(columns.count == described.count)
      for (column, description) in zip(columns, described) {
        #expect(column.fits(description.kind), "\(table).\(description.name)")
        #expect(column.rowCount == columns[0].rowCount)
        #expect(!column.isMissing.contains(true))
      }
    }
  }

  @Test func `candidates are different known pairs, as many as asked for`() throws {
    let shop = try ShopSimulation(settings: .small())
    let columns = shop.candidates(userCount: 7, itemsPerUser: 12).columns
    let users = columns[0].wholeNumbers
    let items = columns[1].wholeNumbers
    #expect(users.count == 7 * 12)
    #expect(Set(users).count == 7)
    #expect(Set(zip(users, items).map { [$0, $1] }).count == 7 * 12)
    #expect(items.allSatisfy { $0 >= 1 && $0 <= Int64(shop.items().rowCount) })
    let everything = shop.candidates(userCount: .max, itemsPerUser: .max)
    #expect(everything.rowCount == shop.users().rowCount * shop.items().rowCount)
    #expect(shop.candidates(userCount: 0).rowCount == 0)
  }
}
