/// How large a simulated shop is and how its users behave.
public struct ShopSettings: Sendable, Equatable {
  /// Users at the start of the log, at least 1.
  public var users = 4_000
  /// Items at the start of the log, at least ``ShopSimulation/itemsPerRequest``.
  public var items = 2_000
  /// Days that the log covers, `1...3650`.
  public var days = 14
  /// Impressions in the whole log, at least 1, spread evenly over the days.
  public var impressions = 400_000
  /// Equal seeds and settings give equal shops.
  public var seed: UInt64 = 7
  /// How far what is bought agrees with what is clicked, in `-1...1`.
  ///
  /// At 1 the same tastes decide both, at 0 they are independent, at -1 what attracts clicks keeps
  /// from buying. Adding to the cart lies half-way.
  public var agreement = 0.5
  /// How fast clicks fall with the position, in `0...5`; 0 means not at all.
  ///
  /// An item at position `p` has `positionBias · ln p` less in its log odds of a click.
  public var positionBias = 0.8
  /// How far the tastes of groups turn in a day, in `0...1`: after `1 / drift` days they have nothing
  /// in common with those of the start.
  public var drift = 0.0
  /// New users a day as a share of ``users``, in `0...1`.
  public var newUsersPerDay = 0.005
  /// New items a day as a share of ``items``, in `0...1`.
  public var newItemsPerDay = 0.005
  /// When the log starts, in microseconds since 1970 UTC, within the years 1970 to 2199.
  ///
  /// By default Monday, 2 March 2026, 00:00 UTC.
  public var start: Int64 = 1_772_409_600_000_000

  /// Creates the settings of the default shop.
  public init() {}
}

/// A setting that no shop can have.
public enum SettingsError: Error, Equatable, CustomStringConvertible {
  /// A whole number outside the values it can take.
  case outOfBounds(setting: String, value: Int64, allowed: ClosedRange<Int64>)
  /// A real number outside the values it can take, or not a number at all.
  case outOfRange(setting: String, value: Double, allowed: ClosedRange<Double>)
  /// All days together bring more users or items than the simulation holds.
  case tooManyInTotal(setting: String, total: Double, most: Int)

  public var description: String {
    switch self {
    case .outOfBounds(let setting, let value, let allowed):
      "\(setting) is \(value), but must be from \(allowed.lowerBound) to \(allowed.upperBound)"
    case .outOfRange(let setting, let value, let allowed):
      "\(setting) is \(value), but must be from \(allowed.lowerBound) to \(allowed.upperBound)"
    case .tooManyInTotal(let setting, let total, let most):
      "\(setting) and days together make \(total) rows, but at most \(most) fit"
    }
  }
}

extension ShopSettings {
  /// Users or items that a shop may have at most, so that it fits in memory.
  static let mostUsersOrItems = 20_000_000

  /// Throws the first setting that can't be.
  func check() throws(SettingsError) {
    let most = Int64(Self.mostUsersOrItems)
    try check("users", Int64(users), 1...most)
    try check("items", Int64(items), Int64(ShopSimulation.itemsPerRequest)...most)
    try check("days", Int64(days), 1...3_650)
    try check("impressions", Int64(impressions), 1...1_000_000_000_000)
    try check("start", start, 0...7_258_118_400_000_000 - 1)
    try check("agreement", agreement, -1...1)
    try check("positionBias", positionBias, 0...5)
    try check("drift", drift, 0...1)
    try check("newUsersPerDay", newUsersPerDay, 0...1)
    try check("newItemsPerDay", newItemsPerDay, 0...1)
    try check("newUsersPerDay", total: Double(users) * (1 + newUsersPerDay * Double(days)))
    try check("newItemsPerDay", total: Double(items) * (1 + newItemsPerDay * Double(days)))
  }

  private func check(
    _ setting: String, _ value: Int64, _ allowed: ClosedRange<Int64>
  ) throws(SettingsError) {
    guard allowed.contains(value) else {
      throw .outOfBounds(setting: setting, value: value, allowed: allowed)
    }
  }

  private func check(
    _ setting: String, _ value: Double, _ allowed: ClosedRange<Double>
  ) throws(SettingsError) {
    guard allowed.contains(value) else {
      throw .outOfRange(setting: setting, value: value, allowed: allowed)
    }
  }

  private func check(_ setting: String, total: Double) throws(SettingsError) {
    guard total <= Double(Self.mostUsersOrItems) else {
      throw .tooManyInTotal(setting: setting, total: total, most: Self.mostUsersOrItems)
    }
  }
}
