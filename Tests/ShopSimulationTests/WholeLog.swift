import Interactions
import ShopSimulation

/// A whole simulated log in memory, column by column.
struct WholeLog: Equatable {
  var impressions: [Int64] = []
  var requests: [Int64] = []
  var users: [Int64] = []
  var items: [Int64] = []
  var shownAt: [Int64] = []
  var positions: [Int64] = []
  var recentItems: [[Int64]] = []
  var click: [Double] = []
  var cart: [Double] = []
  var purchase: [Double] = []
  /// Times of the events of each kind, by impression.
  var events: [String: [Int64: Int64]] = ["click": [:], "add_to_cart": [:], "purchase": [:]]
  var eventCount = 0

  init(_ shop: ShopSimulation, rowsPerChunk: Int = 50_000) {
    for chunk in shop.log(rowsPerChunk: rowsPerChunk) {
      let columns = chunk.impressions.columns
      impressions += columns[0].wholeNumbers
      requests += columns[1].wholeNumbers
      users += columns[2].wholeNumbers
      items += columns[3].wholeNumbers
      shownAt += columns[4].wholeNumbers
      positions += columns[5].wholeNumbers
      recentItems += columns[7].lists
      click += chunk.trueProbabilities.columns[1].realNumbers
      cart += chunk.trueProbabilities.columns[2].realNumbers
      purchase += chunk.trueProbabilities.columns[3].realNumbers
      let ids = chunk.events.columns[0].wholeNumbers
      let kinds = chunk.events.columns[1].strings
      let times = chunk.events.columns[2].wholeNumbers
      for index in ids.indices { events[kinds[index], default: [:]][ids[index]] = times[index] }
      eventCount += ids.count
    }
  }

  /// When the events of `kind` happened, by impression.
  func times(of kind: String) -> [Int64: Int64] { events[kind] ?? [:] }
}

extension ShopSettings {
  /// A shop that is made in a moment even without optimisation.
  static func small(_ change: (inout ShopSettings) -> Void = { _ in }) -> ShopSettings {
    var settings = ShopSettings()
    settings.users = 200
    settings.items = 100
    settings.days = 4
    settings.impressions = 5_003
    settings.newUsersPerDay = 0.02
    settings.newItemsPerDay = 0.02
    change(&settings)
    return settings
  }
}

extension ColumnChunk {
  var wholeNumbers: [Int64] {
    switch values {
    case .integers(let values), .times(let values): values
    default: []
    }
  }

  var realNumbers: [Double] { if case .numbers(let values) = values { values } else { [] } }

  var strings: [String] {
    guard case .texts(let texts) = values else { return [] }
    return (0..<texts.count).map(texts.text)
  }

  var lists: [[Int64]] {
    guard case .integerLists(let values, let ends) = values else { return [] }
    return ends.indices.map { Array(values[($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0]]) }
  }

  /// Whether the values are of the kind that a description promises.
  func fits(_ kind: ColumnKind) -> Bool {
    switch (values, kind) {
    case (.integers, .integer), (.numbers, .number), (.booleans, .boolean), (.texts, .text),
      (.times, .time), (.integerLists, .integerList), (.textLists, .textList):
      true
    default: false
    }
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(count) }

  /// The correlation coefficient with `other`.
  func correlation(with other: [Double]) -> Double {
    let (a, b) = (mean, other.mean)
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(self, other) {
      ab += (x - a) * (y - b)
      aa += (x - a) * (x - a)
      bb += (y - b) * (y - b)
    }
    return ab / (aa * bb).squareRoot()
  }
}
