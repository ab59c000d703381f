import RealModule

/// What users like: the planted signal, in log odds.
///
/// A taste is the sum of effects that a model can learn from few rows (category by age group and
/// by country, category, brand, price by segment), of each item's quality, and of a smaller product
/// of latent vectors. There are two such tastes, drawn independently: one for clicks, `c`, and one of
/// purchases' own, `o`. What decides purchases is `a c + √(1 - a²) o`, with the agreement `a`.
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
    static let clickPrice = [0.9, 0.4, -0.2]
    static let purchasePrice = [0.7, 0.3, -0.1]
    /// Added for a brand-new item, fading by a factor e each fortnight.
    static let freshness = 0.3
    static let surface = [0.0, 0.5, -0.4]
    /// The evening's gain over the daily mean.
    static let evening = 0.25
  }

  private let click: Effects
  private let purchase: Effects
  private let ownShare: Double
  private let agreement: Double
  private let positionShift: [Double]
  private let hourShift: [Double]

  init(settings: ShopSettings) {
    click = Effects(seed: settings.seed, index: 0, price: Strength.clickPrice)
    purchase = Effects(seed: settings.seed, index: 1, price: Strength.purchasePrice)
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
  /// click, so that in log probabilities the three steps add up to the taste for purchases. Position,
  /// hour, surface and freshness act on the click alone.
  func logits(
    user: ShopUser, item: ShopItem, position: Int, hour: Int, surface: Int, itemAge: Double
  ) -> FunnelLogits {
    let latent = Strength.latent / 2
    let clickTaste =
      click.taste(of: user, for: item) + item.quality.click
      + latent * (user.tastes.click * item.tastes.click).sum()
    let ownTaste =
      purchase.taste(of: user, for: item) + item.quality.purchase
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
  private var ageCategory: [Double] = []
  private var countryCategory: [Double] = []
  private var categoryBrand: [Double] = []
  private let price: [Double]

  init(seed: UInt64, index: Int, price: [Double]) {
    var generator = SplitMix64(seed: seed, stream: .effects, index: index)
    let categories = ShopNames.categories.count
    ageCategory = generator.normals(
      ShopNames.ageGroups.count * categories, spread: Tastes.Strength.ageCategory)
    countryCategory = generator.normals(
      ShopNames.countries.count * categories, spread: Tastes.Strength.countryCategory)
    let category = generator.normals(categories, spread: Tastes.Strength.category)
    let brand = generator.normals(ShopNames.brands.count, spread: Tastes.Strength.brand)
    for categoryEffect in category {
      for brandEffect in brand { categoryBrand.append(categoryEffect + brandEffect) }
    }
    self.price = price
  }

  func taste(of user: ShopUser, for item: ShopItem) -> Double {
    let categories = ShopNames.categories.count
    return ageCategory[user.ageGroup * categories + item.category]
      + countryCategory[user.country * categories + item.category]
      + categoryBrand[item.category * ShopNames.brands.count + item.brand]
      - price[user.segment] * item.priceLevel
  }
}

extension SplitMix64 {
  /// `count` normal numbers with mean 0 and standard deviation `spread`.
  fileprivate mutating func normals(_ count: Int, spread: Double) -> [Double] {
    (0..<count).map { _ in spread * normal() }
  }
}
