import Randomness
import RealModule

/// One user: what the log shows, and what only the simulation knows.
struct ShopUser {
  var country: Int
  var ageGroup: Int
  var segment: Int
  /// Added to the log odds of each of the user's clicks.
  var eagerness: Double
  /// Added to the log odds that a click leads to the cart, and the cart to a purchase.
  var resolve: Double
  var tastes: TastePair
}

/// One item: what the log shows, and what only the simulation knows.
struct ShopItem {
  var category: Int
  var brand: Int
  /// In whole cents.
  var price: Double
  /// The logarithm of the price, with mean 0 and standard deviation 1.
  var priceLevel: Double
  /// What everybody likes in it: one figure for clicks, one for purchases.
  var quality: (click: Double, purchase: Double)
  var tastes: TastePair
}

/// Latent vectors: one for clicks, one for purchases.
struct TastePair {
  var click: SIMD4<Double>
  var purchase: SIMD4<Double>

  init(from generator: inout SplitMix64) {
    click = .zero
    purchase = .zero
    for index in 0..<4 {
      click[index] = generator.normal()
      purchase[index] = generator.normal()
    }
  }
}

/// Members in the order in which they joined, drawn in proportion to their weights.
struct Population<Member: Sendable>: Sendable {
  /// When each joined, in microseconds since 1970 UTC, never falling.
  let joinedAt: [Int64]
  let members: [Member]
  /// Sums of the weights up to and with each member.
  let cumulativeWeights: [Double]

  /// How many had joined at `time`.
  func count(at time: Int64) -> Int { Self.firstIndex(in: joinedAt) { $0 > time } }

  /// One of the first `count` members, at random in proportion to their weights.
  func draw(among count: Int, from generator: inout SplitMix64) -> Int {
    let point = generator.uniform() * cumulativeWeights[count - 1]
    return min(Self.firstIndex(in: cumulativeWeights) { $0 > point }, count - 1)
  }

  /// The indices of `count` different members, the likelier the greater their weights.
  ///
  /// Each member gets an exponential waiting time with its weight as the rate, and the first ones
  /// are taken: Efraimidis, Spirakis: *Weighted random sampling with a reservoir*, 2006.
  func drawDistinct(_ count: Int, from generator: inout SplitMix64) -> [Int] {
    var before = 0.0
    var waiting: [(time: Double, index: Int)] = []
    waiting.reserveCapacity(members.count)
    for index in members.indices {
      let weight = cumulativeWeights[index] - before
      before = cumulativeWeights[index]
      waiting.append((-Double.log(1 - generator.uniform()) / weight, index))
    }
    waiting.sort { ($0.time, $0.index) < ($1.time, $1.index) }
    return waiting.prefix(count).map(\.index)
  }

  /// The first index whose value meets `condition`, which holds from there on.
  private static func firstIndex<Value>(
    in values: [Value], where condition: (Value) -> Bool
  ) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if condition(values[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Names of the attributes that users, items and requests have.
enum ShopNames {
  static let countries = ["AT", "BE", "CH", "DE", "ES", "FR", "IT", "NL"]
  static let ageGroups = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"]
  static let segments = ["bargain", "regular", "premium"]
  static let surfaces = ["home", "search", "category"]
  static let categories = [
    "audio", "books", "cameras", "cosmetics", "cycling", "drinks", "fitness", "furniture",
    "games", "garden", "jewellery", "kitchen", "lighting", "luggage", "music", "pets",
    "shoes", "stationery", "tools", "toys",
  ]
  static let brands = (1...80).map { "brand " + String($0) }
}

extension Population {
  /// Draws `count` members who are there at the start and a daily share of new ones.
  ///
  /// Those at the start joined within the year before; those of a day join at times of that day.
  /// Weights are log-normal with the standard deviation `spread` of the logarithm.
  init(
    of count: Int, newPerDay share: Double, settings: ShopSettings, stream: SplitMix64.Stream,
    spread: Double, member: (inout SplitMix64) -> Member
  ) {
    let microsecondsPerDay = Calendar.microsecondsPerDay
    var joinedAt: [Int64] = []
    func append(_ number: Int, from start: Int64, lasting length: Int64) {
      for index in 0..<number {
        joinedAt.append(start + Int64(Double(length) * (Double(index) + 0.5) / Double(number)))
      }
    }
    let before = min(365 * microsecondsPerDay, settings.start)
    append(count, from: settings.start - before, lasting: before)
    for day in 0..<settings.days {
      let sofar = Int(Double(count) * share * Double(day))
      let number = Int(Double(count) * share * Double(day + 1)) - sofar
      append(
        number, from: settings.start + Int64(day) * microsecondsPerDay, lasting: microsecondsPerDay)
    }
    var members: [Member] = []
    var cumulativeWeights: [Double] = []
    members.reserveCapacity(joinedAt.count)
    cumulativeWeights.reserveCapacity(joinedAt.count)
    var total = 0.0
    for index in joinedAt.indices {
      var generator = SplitMix64(seed: settings.seed, stream: stream, index: index)
      total += Double.exp(spread * generator.normal())
      cumulativeWeights.append(total)
      members.append(member(&generator))
    }
    self.init(joinedAt: joinedAt, members: members, cumulativeWeights: cumulativeWeights)
  }
}
