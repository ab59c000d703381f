import Randomness
import RealModule

/// What users like: the planted signal, in log odds.
///
/// A taste is the sum of effects that a model can learn from few rows (category by age group and
/// by country, category, brand, price by segment), of each item's quality, and of a smaller product
/// of latent vectors. There are two such tastes, drawn without correlation: one for clicks, `c`,
/// and one of purchases' own, `o`. What decides purchases is `a c + √(1 - a²) o`, with the
/// agreement `a`.
///
/// With a drift, the effects turn from one draw towards another, uncorrelated one, so that what is
/// liked today says less about what will be liked later.
///
/// With the default settings a network of embeddings of 16 gets 94 to 95 % of the way from 0.5 to
/// the best possible click AUC in two epochs, as most of the signal has hundreds of rows a value.
struct Tastes: Sendable {
  /// How strong each effect is: standard deviations in log odds.
  enum Strength {
    static let ageCategory = 0.25
    static let countryCategory = 0.12
    static let category = 0.65
    static let brand = 0.4
    static let quality = 0.25
    static let latent = 0.1
    static let eagerness = 0.1
    static let resolve = 0.2
    /// How much one standard deviation of the log price takes away, by segment.
    ///
    /// The two lists are orthogonal, so that they bring no agreement of their own.
    static let clickPrice = [0.9, 0.4, -0.2]
    static let purchasePrice = [-0.2, 0.6, 0.3]
    /// Added for a brand-new item, fading by a factor e each fortnight.
    static let freshness = 0.3
    static let surface = [0.0, 0.5, -0.4]
    /// The evening's gain over the daily mean.
    static let evening = 0.25
  }

  private let click: Effects
  private let purchase: Effects
  /// What the effects turn towards.
  private let later: (click: Effects, purchase: Effects)
  /// In radians a microsecond.
  private let turn: Double
  private let start: Int64
  private let ownShare: Double
  private let agreement: Double
  private let positionShift: [Double]
  private let hourShift: [Double]

  init(settings: ShopSettings) {
    var generator = SplitMix64(seed: settings.seed, stream: .effects, index: 0)
    let both = Effects.pair(from: &generator)
    click = both.click
    purchase = both.purchase
    var other = SplitMix64(seed: settings.seed, stream: .laterEffects, index: 0)
    later = Effects.pair(from: &other)
    turn = settings.drift * Double.pi / 2 / Double(Calendar.microsecondsPerDay)
    start = settings.start
    agreement = settings.agreement
    ownShare = (1 - settings.agreement * settings.agreement).squareRoot()
    positionShift = (1...ShopSimulation.itemsPerRequest).map { position in
      -settings.positionBias * Double.log(Double(position))
    }
    hourShift = (0..<24).map { hour in
      Strength.evening * Double.cos(2 * Double.pi * Double(hour - 20) / 24)
    }
  }

  /// Log odds of each step of the funnel, before the intercepts that set the rates.
  ///
  /// The taste for purchases minus that for clicks is spread evenly over the two steps after the
  /// click, so that in log probabilities the three steps add up to the taste for purchases.
  /// Position, hour, surface and freshness act on the click alone.
  func logits(
    user: ShopUser, item: ShopItem, position: Int, time: Int64, surface: Int, itemAge: Double
  ) -> FunnelLogits {
    let latent = Strength.latent / 2
    let hour = Calendar.hour(of: time)
    let angle = turn * Double(time - start)
    let shares = (now: Double.cos(angle), later: Double.sin(angle))
    func taste(_ now: Effects, _ later: Effects) -> Double {
      shares.now * now.drifting(of: user, for: item)
        + shares.later * later.drifting(of: user, for: item) + now.lasting(of: user, for: item)
    }
    let clickTaste =
      taste(click, later.click) + item.quality.click
      + latent * (user.tastes.click * item.tastes.click).sum()
    let ownTaste =
      taste(purchase, later.purchase) + item.quality.purchase
      + latent * (user.tastes.purchase * item.tastes.purchase).sum()
    let purchaseTaste = agreement * clickTaste + ownShare * ownTaste
    // A step's log probability moves by (1 - rate) for each unit of its log odds.
    let step = (purchaseTaste - clickTaste) / 2
    let freshness = Strength.freshness * Double.exp(-itemAge / 14)
    return FunnelLogits(
      click: clickTaste + user.eagerness + positionShift[position - 1] + hourShift[hour]
        + Strength.surface[surface] + freshness,
      cart: step / (1 - Funnel.cartRate / Funnel.clickRate) + user.resolve,
      purchase: step / (1 - Funnel.purchaseRate / Funnel.cartRate) + user.resolve)
  }
}

/// The learnable part of one taste: a table for each effect.
private struct Effects: Sendable {
  private var ageCategory: [Double]
  private var countryCategory: [Double]
  private var category: [Double]
  private var brand: [Double]
  private var price: [Double]

  /// Draws the effects of both tastes, uncorrelated in each table.
  static func pair(from generator: inout SplitMix64) -> (click: Self, purchase: Self) {
    let categories = ShopNames.categories.count
    let age = generator.uncorrelatedPair(
      ShopNames.ageGroups.count * categories, spread: Tastes.Strength.ageCategory)
    let country = generator.uncorrelatedPair(
      ShopNames.countries.count * categories, spread: Tastes.Strength.countryCategory)
    let category = generator.uncorrelatedPair(categories, spread: Tastes.Strength.category)
    let brand = generator.uncorrelatedPair(
      ShopNames.brands.count, spread: Tastes.Strength.brand)
    return (
      Self(
        ageCategory: age.0, countryCategory: country.0, category: category.0, brand: brand.0,
        price: Tastes.Strength.clickPrice),
      Self(
        ageCategory: age.1, countryCategory: country.1, category: category.1, brand: brand.1,
        price: Tastes.Strength.purchasePrice)
    )
  }

  /// What a drift turns.
  func drifting(of user: ShopUser, for item: ShopItem) -> Double {
    let categories = ShopNames.categories.count
    return ageCategory[user.ageGroup * categories + item.category]
      + countryCategory[user.country * categories + item.category] + category[item.category]
      + brand[item.brand]
  }

  /// What stays.
  func lasting(of user: ShopUser, for item: ShopItem) -> Double {
    -price[user.segment] * item.priceLevel
  }
}

extension SplitMix64 {
  /// Two lists of `count` normal numbers without correlation.
  ///
  /// They are shifted, scaled and turned so that at every seed both have mean 0 and standard
  /// deviation `spread`, and their correlation is 0, exactly.
  fileprivate mutating func uncorrelatedPair(
    _ count: Int, spread: Double
  ) -> ([Double], [Double]) {
    let first = Self.standardised((0..<count).map { _ in normal() })
    let second = Self.standardised((0..<count).map { _ in normal() })
    let correlation = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
    let turned = Self.standardised(zip(first, second).map { $1 - correlation * $0 })
    return (first.map { spread * $0 }, turned.map { spread * $0 })
  }

  /// `values`, shifted and scaled to mean 0 and standard deviation 1.
  private static func standardised(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.map { ($0 - mean) / variance.squareRoot() }
  }
}
