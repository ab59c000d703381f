public import Interactions
import Randomness

/// A simulated shop: users with tastes, items, and a log of what was shown, clicked and bought.
///
/// The shop knows how probable each outcome of each impression is, so one can tell how well a model
/// could do at best. Users and items are drawn by skewed popularity, ten items a request, in an
/// order that doesn't depend on tastes: the position is a cause of clicks and a legitimate feature.
/// Outcomes form a funnel: about 10 % of the impressions are clicked, 2 % go to the cart, 0.5 % are
/// bought, at any agreement of the tastes.
///
/// Equal settings give equal rows. The simulation holds users and items in memory, the log never.
public struct ShopSimulation: Sendable {
  /// Items shown together, except in the last request of a day, which may show fewer.
  public static let itemsPerRequest = 10
  /// How long after the last day the log is still complete: the longest attribution window.
  public static let quietDays = 3

  let world: ShopWorld
  let funnel: Funnel

  /// What the shop was made from.
  public var settings: ShopSettings { world.settings }

  /// Creates a shop: draws its users and items, and sets its rates.
  public init(settings: ShopSettings = ShopSettings()) throws(SettingsError) {
    try settings.check()
    world = ShopWorld(settings: settings)
    funnel = Funnel(fitting: world.sample(requestCount: 2_000))
  }

  /// Until when the log is complete, in microseconds since 1970 UTC.
  ///
  /// It lies ``quietDays`` after the last day. In these days nothing is shown any more but carts
  /// are still bought, so that every attribution window of the last day has closed.
  public var completeUntil: Int64 {
    settings.start + Int64(settings.days + Self.quietDays) * Calendar.microsecondsPerDay
  }

  /// The rows of the table of users, ids from 1 in the order of joining.
  public func users() -> RowChunk {
    let members = world.users.members
    return RowChunk(columns: [
      .ids(count: members.count),
      ColumnChunk(complete: .times(world.users.joinedAt)),
      .names(ShopNames.countries, members.map(\.country)),
      .names(ShopNames.ageGroups, members.map(\.ageGroup)),
      .names(ShopNames.segments, members.map(\.segment)),
    ])
  }

  /// The rows of the table of items, ids from 1 in the order of joining.
  public func items() -> RowChunk {
    let members = world.items.members
    return RowChunk(columns: [
      .ids(count: members.count),
      ColumnChunk(complete: .times(world.items.joinedAt)),
      .names(ShopNames.categories, members.map(\.category)),
      .names(ShopNames.brands, members.map(\.brand)),
      ColumnChunk(complete: .numbers(members.map(\.price))),
    ])
  }

  /// The one row of the table `log_clock`.
  public func logClock() -> RowChunk {
    RowChunk(columns: [ColumnChunk(complete: .times([completeUntil]))])
  }

  /// The log in order of time, in chunks of whole requests with about `rowsPerChunk` impressions.
  public func log(rowsPerChunk: Int = 50_000) -> ShopLog {
    precondition(rowsPerChunk > 0, "a chunk can't hold \(rowsPerChunk) rows")
    return ShopLog(shop: self, rowsPerChunk: rowsPerChunk)
  }

  /// Pairs to be scored: `userCount` users, each with `itemsPerUser` different items.
  ///
  /// Users are spread evenly over all ids, items drawn by popularity. Both counts are cut to what
  /// the shop has.
  public func candidates(userCount: Int = 200, itemsPerUser: Int = 50) -> RowChunk {
    let users = min(max(userCount, 0), world.users.members.count)
    let items = min(max(itemsPerUser, 0), world.items.members.count)
    var userIDs: [Int64] = []
    var itemIDs: [Int64] = []
    for index in 0..<users {
      let user = index * world.users.members.count / users
      var generator = SplitMix64(seed: settings.seed, stream: .candidates, index: user)
      for item in world.items.drawDistinct(items, from: &generator) {
        userIDs.append(Int64(user) + 1)
        itemIDs.append(Int64(item) + 1)
      }
    }
    return RowChunk(columns: [
      ColumnChunk(complete: .integers(userIDs)), ColumnChunk(complete: .integers(itemIDs)),
    ])
  }
}

extension ColumnChunk {
  /// The ids `1...count`.
  fileprivate static func ids(count: Int) -> Self {
    Self(complete: .integers((0..<Int64(count)).map { $0 + 1 }))
  }

  /// The names that `indices` select.
  fileprivate static func names(_ names: [String], _ indices: [Int]) -> Self {
    let utf8 = names.map { Array($0.utf8) }
    var texts = TextColumn()
    for index in indices { texts.append(utf8[index]) }
    return Self(complete: .texts(texts))
  }
}
