import RealModule

/// Log odds of the three steps: click, cart given the click, purchase given the cart.
struct FunnelLogits {
  var click: Double
  var cart: Double
  var purchase: Double
}

/// How probable each outcome of one impression is.
struct FunnelProbabilities {
  var click: Double
  /// That the item gets into the cart, given the click.
  var cartAfterClick: Double
  /// That it is bought, given the cart.
  var purchaseAfterCart: Double

  var cart: Double { click * cartAfterClick }
  var purchase: Double { cart * purchaseAfterCart }
}

/// The steps' intercepts, set so that the shop's mean rates are those named here.
struct Funnel: Sendable {
  /// Clicks per impression.
  static let clickRate = 0.1
  /// Additions to the cart per impression.
  static let cartRate = 0.02
  /// Purchases per impression.
  static let purchaseRate = 0.005

  private let click: Double
  private let cart: Double
  private let purchase: Double

  /// Finds the intercepts that give the rates on a sample of the shop's impressions.
  init(fitting sample: [FunnelLogits]) {
    let everyone = [Double](repeating: 1, count: sample.count)
    let click = Self.intercept(
      for: Self.clickRate, logits: sample.map(\.click), weights: everyone)
    let clicked = sample.map { Self.sigmoid($0.click + click) }
    let cart = Self.intercept(for: Self.cartRate, logits: sample.map(\.cart), weights: clicked)
    let carted = zip(clicked, sample).map { $0 * Self.sigmoid($1.cart + cart) }
    self.click = click
    self.cart = cart
    purchase = Self.intercept(
      for: Self.purchaseRate, logits: sample.map(\.purchase), weights: carted)
  }

  func probabilities(for logits: FunnelLogits) -> FunnelProbabilities {
    FunnelProbabilities(
      click: Self.sigmoid(logits.click + click),
      cartAfterClick: Self.sigmoid(logits.cart + cart),
      purchaseAfterCart: Self.sigmoid(logits.purchase + purchase))
  }

  /// The `b` for which the mean of `weight · σ(logit + b)` is `rate`, by bisection.
  private static func intercept(
    for rate: Double, logits: [Double], weights: [Double]
  ) -> Double {
    var low = -40.0
    var high = 40.0
    for _ in 0..<40 {
      let middle = (low + high) / 2
      var sum = 0.0
      for index in logits.indices { sum += weights[index] * sigmoid(logits[index] + middle) }
      if sum < rate * Double(logits.count) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private static func sigmoid(_ logit: Double) -> Double { 1 / (1 + Double.exp(-logit)) }
}
