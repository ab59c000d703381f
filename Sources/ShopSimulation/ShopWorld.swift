import Randomness
import RealModule

/// What one request shows: to whom, when, where, and which items in which order.
struct Showing {
  var user = 0
  var time: Int64 = 0
  var surface = 0
  /// Item indices; the first is at position 1.
  var items: [Int] = []
}

/// The shop without its rates: who is there, what is shown, and what they like.
struct ShopWorld: Sendable {
  let settings: ShopSettings
  let users: Population<ShopUser>
  let items: Population<ShopItem>
  let calendar: Calendar
  private let tastes: Tastes

  init(settings: ShopSettings) {
    self.settings = settings
    calendar = Calendar(settings: settings)
    tastes = Tastes(settings: settings)
    users = Population(
      of: settings.users, newPerDay: settings.newUsersPerDay, settings: settings, stream: .user,
      spread: 0.8, member: ShopUser.init(from:))
    items = Population(
      of: settings.items, newPerDay: settings.newItemsPerDay, settings: settings, stream: .item,
      spread: 0.8, member: ShopItem.init(from:))
  }

  /// Draws what request `request` of `day` shows: one user and `itemCount` different items.
  func draw(
    _ request: Int, of requestCount: Int, on day: Int, itemCount: Int,
    from generator: inout SplitMix64, into showing: inout Showing
  ) {
    let share = (Double(request) + generator.uniform()) / Double(requestCount)
    showing.time = calendar.time(on: day, after: share)
    showing.user = users.draw(among: users.count(at: showing.time), from: &generator)
    showing.surface = [0, 0, 1, 1, 2][generator.index(below: 5)]
    let itemsThere = items.count(at: showing.time)
    showing.items.removeAll(keepingCapacity: true)
    for _ in 0..<itemCount {
      var item = items.draw(among: itemsThere, from: &generator)
      var attempts = 0
      while showing.items.contains(item) {
        attempts += 1
        // Where a few items have nearly all the weight, take the next one that is left.
        item =
          attempts < 20
          ? items.draw(among: itemsThere, from: &generator) : (item + 1) % itemsThere
      }
      showing.items.append(item)
    }
  }

  /// Log odds of the funnel's steps for the item at `position`, which counts from 1.
  func logits(for showing: Showing, position: Int) -> FunnelLogits {
    let item = showing.items[position - 1]
    let age = Double(showing.time - items.joinedAt[item]) / Double(Calendar.microsecondsPerDay)
    return tastes.logits(
      user: users.members[showing.user], item: items.members[item], position: position,
      time: showing.time, surface: showing.surface, itemAge: age)
  }

  /// Log odds for a sample of `requestCount` requests that are like those of the log.
  func sample(requestCount: Int) -> [FunnelLogits] {
    var result: [FunnelLogits] = []
    result.reserveCapacity(requestCount * ShopSimulation.itemsPerRequest)
    var showing = Showing()
    for request in 0..<requestCount {
      var generator = SplitMix64(seed: settings.seed, stream: .calibration, index: request)
      let day = generator.index(below: settings.days)
      draw(
        request, of: requestCount, on: day, itemCount: ShopSimulation.itemsPerRequest,
        from: &generator, into: &showing)
      for position in 1...ShopSimulation.itemsPerRequest {
        result.append(logits(for: showing, position: position))
      }
    }
    return result
  }
}

extension ShopUser {
  init(from generator: inout SplitMix64) {
    country = generator.skewedIndex(below: ShopNames.countries.count)
    ageGroup = generator.index(below: ShopNames.ageGroups.count)
    segment = generator.index(below: ShopNames.segments.count)
    eagerness = Tastes.Strength.eagerness * generator.normal()
    resolve = Tastes.Strength.resolve * generator.normal()
    tastes = TastePair(from: &generator)
  }
}

extension ShopItem {
  init(from generator: inout SplitMix64) {
    category = generator.skewedIndex(below: ShopNames.categories.count)
    brand = generator.skewedIndex(below: ShopNames.brands.count)
    priceLevel = generator.normal()
    price = (100 * Double.exp(3.2 + 0.7 * priceLevel)).rounded() / 100
    quality = (
      click: Tastes.Strength.quality * generator.normal(),
      purchase: Tastes.Strength.quality * generator.normal()
    )
    tastes = TastePair(from: &generator)
  }
}

extension SplitMix64 {
  /// A whole number in `0..<bound`; the first is about three times as likely as the last.
  fileprivate mutating func skewedIndex(below bound: Int) -> Int {
    let point = uniform()
    // The larger root of a density that falls linearly from 1.5 to 0.5.
    let place = 1.5 - (2.25 - 2 * point).squareRoot()
    return min(Int(place * Double(bound)), bound - 1)
  }
}
