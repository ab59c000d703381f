public import Interactions
import Randomness
import RealModule

/// Some requests of the log: rows for three tables.
public struct ShopLogChunk: Sendable, Equatable {
  /// Rows of the table `impressions`, ids rising, times never falling.
  public var impressions: RowChunk
  /// Rows of the table `events`, in the order of the impressions they belong to.
  public var events: RowChunk
  /// Rows of the table `true_probabilities`, one for each impression.
  public var trueProbabilities: RowChunk
}

/// The log of a simulated shop, made chunk by chunk in order of time.
///
/// The rows don't depend on where the chunks are cut. Each iterator starts at the beginning and
/// holds each user's recent clicks, 257 bytes a user.
public struct ShopLog: Sequence, Sendable {
  let shop: ShopSimulation
  let rowsPerChunk: Int

  public func makeIterator() -> Iterator { Iterator(shop: shop, rowsPerChunk: rowsPerChunk) }

  /// Where the making of a log stands.
  public struct Iterator: IteratorProtocol {
    private let shop: ShopSimulation
    private let rowsPerChunk: Int
    private var day = 0
    private var requestOfDay = 0
    private var request = 0
    private var impression = 0
    private var recentClicks: RecentClicks
    private var showing = Showing()

    init(shop: ShopSimulation, rowsPerChunk: Int) {
      self.shop = shop
      self.rowsPerChunk = rowsPerChunk
      recentClicks = RecentClicks(userCount: shop.world.users.members.count)
    }

    /// The next chunk, or nil at the end of the log.
    public mutating func next() -> ShopLogChunk? {
      guard impression < shop.settings.impressions else { return nil }
      var rows = LogRows(capacity: rowsPerChunk + ShopSimulation.itemsPerRequest)
      while rows.count < rowsPerChunk && day < shop.settings.days {
        let requests = shop.world.calendar.requests(on: day)
        if requestOfDay == requests {
          day += 1
          requestOfDay = 0
        } else {
          appendRequest(of: requests, to: &rows)
          requestOfDay += 1
          request += 1
        }
      }
      return rows.chunk()
    }

    private mutating func appendRequest(of requestCount: Int, to rows: inout LogRows) {
      let world = shop.world
      var generator = SplitMix64(seed: shop.settings.seed, stream: .request, index: request)
      let itemCount = Swift.min(
        world.calendar.impressions(before: day + 1) - impression, ShopSimulation.itemsPerRequest)
      world.draw(
        requestOfDay, of: requestCount, on: day, itemCount: itemCount, from: &generator,
        into: &showing)
      rows.beginRequest(request, showing: showing, recentClicks: recentClicks)
      for position in 1...itemCount {
        impression += 1
        let probabilities = shop.funnel.probabilities(
          for: world.logits(for: showing, position: position))
        let outcome = Outcome(of: probabilities, shownAt: showing.time, from: &generator)
        rows.append(
          impression: impression, position: position, showing: showing,
          probabilities: probabilities, outcome: outcome, until: shop.completeUntil)
        if let clickedAt = outcome.clickedAt {
          let item = Int64(showing.items[position - 1]) + 1
          recentClicks.add(item: item, at: clickedAt, by: showing.user)
        }
      }
    }
  }
}

/// When the things happened that did happen after one impression.
private struct Outcome {
  var clickedAt: Int64?
  var cartedAt: Int64?
  var purchasedAt: Int64?

  /// Draws what happens: clicks within seconds, carts within minutes, purchases within hours.
  ///
  /// Every impression takes equally many numbers from the generator, so that shops which differ in
  /// their probabilities alone share their luck.
  init(
    of probabilities: FunnelProbabilities, shownAt: Int64, from generator: inout SplitMix64
  ) {
    let luck = (generator.uniform(), generator.uniform(), generator.uniform())
    let patience = (generator.uniform(), generator.uniform(), generator.uniform())
    guard luck.0 < probabilities.click else { return }
    let clickedAt = shownAt + 1_000_000 + Self.delay(mean: 25, patience.0)
    self.clickedAt = clickedAt
    guard luck.1 < probabilities.cartAfterClick else { return }
    let cartedAt = clickedAt + 2_000_000 + Self.delay(mean: 900, patience.1)
    self.cartedAt = cartedAt
    guard luck.2 < probabilities.purchaseAfterCart else { return }
    purchasedAt = cartedAt + 30_000_000 + Self.delay(mean: 36_000, patience.2)
  }

  /// An exponential waiting time in microseconds, with its mean in seconds.
  private static func delay(mean: Double, _ unit: Double) -> Int64 {
    Int64(-mean * 1_000_000 * Double.log(1 - unit))
  }
}

/// Columns of a chunk that is being made.
private struct LogRows {
  private static let surfaces = ShopNames.surfaces.map { Array($0.utf8) }
  private static let kinds = ["click", "add_to_cart", "purchase"].map { Array($0.utf8) }

  private var impressionIDs: [Int64] = []
  private var requestIDs: [Int64] = []
  private var userIDs: [Int64] = []
  private var itemIDs: [Int64] = []
  private var times: [Int64] = []
  private var positions: [Int64] = []
  private var surfaces = TextColumn()
  private var recentItems: [Int64] = []
  private var recentEnds: [Int] = []
  private var click: [Double] = []
  private var cart: [Double] = []
  private var purchase: [Double] = []
  private var eventIDs: [Int64] = []
  private var eventKinds = TextColumn()
  private var eventTimes: [Int64] = []
  private var request: Int64 = 0
  private var recentOfRequest: [Int64] = []

  init(capacity: Int) {
    for column in [
      \LogRows.impressionIDs, \.requestIDs, \.userIDs, \.itemIDs, \.times, \.positions,
    ] {
      self[keyPath: column].reserveCapacity(capacity)
    }
    for column in [\LogRows.click, \.cart, \.purchase] {
      self[keyPath: column].reserveCapacity(capacity)
    }
  }

  var count: Int { impressionIDs.count }

  mutating func beginRequest(_ request: Int, showing: Showing, recentClicks: RecentClicks) {
    self.request = Int64(request) + 1
    recentOfRequest.removeAll(keepingCapacity: true)
    recentClicks.append(of: showing.user, before: showing.time, to: &recentOfRequest)
  }

  /// Adds an impression of the request begun last, and its events up to the time `end`.
  mutating func append(
    impression: Int, position: Int, showing: Showing, probabilities: FunnelProbabilities,
    outcome: Outcome, until end: Int64
  ) {
    impressionIDs.append(Int64(impression))
    requestIDs.append(request)
    userIDs.append(Int64(showing.user) + 1)
    itemIDs.append(Int64(showing.items[position - 1]) + 1)
    times.append(showing.time)
    positions.append(Int64(position))
    surfaces.append(Self.surfaces[showing.surface])
    recentItems.append(contentsOf: recentOfRequest)
    recentEnds.append(recentItems.count)
    click.append(probabilities.click)
    cart.append(probabilities.cart)
    purchase.append(probabilities.purchase)
    appendEvent(0, of: impression, at: outcome.clickedAt, until: end)
    appendEvent(1, of: impression, at: outcome.cartedAt, until: end)
    appendEvent(2, of: impression, at: outcome.purchasedAt, until: end)
  }

  private mutating func appendEvent(
    _ kind: Int, of impression: Int, at time: Int64?, until end: Int64
  ) {
    guard let time, time < end else { return }
    eventIDs.append(Int64(impression))
    eventKinds.append(Self.kinds[kind])
    eventTimes.append(time)
  }

  func chunk() -> ShopLogChunk {
    ShopLogChunk(
      impressions: RowChunk(columns: [
        ColumnChunk(complete: .integers(impressionIDs)),
        ColumnChunk(complete: .integers(requestIDs)),
        ColumnChunk(complete: .integers(userIDs)),
        ColumnChunk(complete: .integers(itemIDs)),
        ColumnChunk(complete: .times(times)),
        ColumnChunk(complete: .integers(positions)),
        ColumnChunk(complete: .texts(surfaces)),
        ColumnChunk(complete: .integerLists(values: recentItems, ends: recentEnds)),
      ]),
      events: RowChunk(columns: [
        ColumnChunk(complete: .integers(eventIDs)),
        ColumnChunk(complete: .texts(eventKinds)),
        ColumnChunk(complete: .times(eventTimes)),
      ]),
      trueProbabilities: RowChunk(columns: [
        ColumnChunk(complete: .integers(impressionIDs)),
        ColumnChunk(complete: .numbers(click)),
        ColumnChunk(complete: .numbers(cart)),
        ColumnChunk(complete: .numbers(purchase)),
      ]))
  }
}
