import ShopSimulation
import Testing

struct ShopSettingsTests {
  /// A change that makes the settings impossible, and the setting that the error must name.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var setting: String
    var change: @Sendable (inout ShopSettings) -> Void
    var testDescription: String { setting }

    init(_ setting: String, _ change: @escaping @Sendable (inout ShopSettings) -> Void) {
      self.setting = setting
      self.change = change
    }
  }

  static let mistakes: [Mistake] = [
    Mistake("users") { $0.users = 0 },
    Mistake("users") { $0.users = .max },
    Mistake("items") { $0.items = 9 },
    Mistake("items") { $0.items = .min },
    Mistake("days") { $0.days = 0 },
    Mistake("days") { $0.days = 3_651 },
    Mistake("impressions") { $0.impressions = 0 },
    Mistake("impressions") { $0.impressions = .max },
    Mistake("start") { $0.start = -1 },
    Mistake("start") { $0.start = .max },
    Mistake("agreement") { $0.agreement = 1.01 },
    Mistake("agreement") { $0.agreement = .nan },
    Mistake("positionBias") { $0.positionBias = -0.1 },
    Mistake("positionBias") { $0.positionBias = .infinity },
    Mistake("drift") { $0.drift = -0.1 },
    Mistake("newUsersPerDay") { $0.newUsersPerDay = 1.5 },
    Mistake("newItemsPerDay") { $0.newItemsPerDay = -0.5 },
    Mistake("newUsersPerDay") {
      $0.users = 1_000_000
      $0.newUsersPerDay = 1
      $0.days = 100
    },
    Mistake("newItemsPerDay") {
      $0.items = 20_000_000
      $0.newItemsPerDay = 0.1
    },
  ]

  @Test(arguments: mistakes)
  func `an impossible setting is refused by its name`(mistake: Mistake) {
    var settings = ShopSettings.small()
    mistake.change(&settings)
    let error = #expect(throws: SettingsError.self) { try ShopSimulation(settings: settings) }
    #expect(error?.description.hasPrefix(mistake.setting + " ") == true)
  }

  @Test func `a message says what was found and what would fit`() {
    let error = #expect(throws: SettingsError.self) {
      try ShopSimulation(settings: .small { $0.agreement = 2 })
    }
    #expect(error?.description == "agreement is 2.0, but must be from -1.0 to 1.0")
  }
}
