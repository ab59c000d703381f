import Interactions
import Testing

struct UsedRowsTests {
  static let day = Int64(86_400_000_000)
  static let hour = day / 24

  /// A row of a log to be made.
  struct Row {
    var key: Int64
    var time: Int64
    var labels: [Label]
  }

  static func log(_ rows: [Row], tasks: [String] = ["click", "buy"]) -> (EncodedLog, Column<Int64>)
  {
    let rows = rows.sorted { $0.time < $1.time }
    let log = EncodedLog(
      schema: InputSchema(tables: [], lookups: [], numbers: []), rowCount: rows.count, lookups: [],
      numbers: [], taskNames: tasks,
      labels: tasks.indices.map { task in Column(rows.map { $0.labels[task].rawValue }) },
      times: Column(rows.map(\.time)))
    return (log, Column(rows.map(\.key)))
  }

  static func values(_ selection: RowSelection) -> [Int] {
    (0..<selection.count).map { selection[$0] }
  }

  static func labels(_ log: EncodedLog, _ task: Int) -> [UInt8] {
    (0..<log.rowCount).map { log.labels[task][$0] }
  }

  /// Clicks are known at once and purchases after two days; a day evaluates.
  static func windows(clock: Int64, holdout: Double = 0) -> NightWindows {
    NightWindows(
      clock: clock, windows: [nil, 2 * day], evaluation: day, lateness: day, holdout: holdout)
  }

  @Test func `labels count where they are matured, and the newest evaluate`() throws {
    // At the clock of day 10: clicks train before day 9, purchases before day 7.
    let rows = [(6, 1), (7, 0), (8, 1), (9, 0), (10, 1), (11, 0)].map { day, click in
      Row(
        key: Int64(day), time: Int64(day) * Self.day,
        labels: [click == 1 ? .positive : .negative, .negative])
    }
    let (log, keys) = Self.log(rows)
    let night = try UsedRows().night(
      of: log, keys: keys, windows: Self.windows(clock: 10 * Self.day))
    #expect(Self.labels(night.trainingLog, 0) == [1, 0, 1, 2, 2, 2])
    #expect(Self.labels(night.trainingLog, 1) == [0, 2, 2, 2, 2, 2])
    #expect(Self.labels(night.evaluationLog, 0) == [2, 2, 2, 0, 1, 2])
    // What purchases would evaluate on trains for clicks.
    #expect(Self.labels(night.evaluationLog, 1) == [2, 2, 2, 2, 2, 2])
    #expect(Self.values(night.training) == [0, 1, 2])
    #expect(Self.values(night.evaluation) == [3, 4])
    #expect(Self.values(night.counted) == [0, 1, 2])
    #expect(
      night.trainingParts == [
        .init(rows: 3, positives: 2, span: TimeWindow(from: 6 * Self.day, to: 8 * Self.day + 1)),
        .init(rows: 1, positives: 0, span: TimeWindow(from: 6 * Self.day, to: 6 * Self.day + 1)),
      ])
    #expect(night.evaluationParts.map(\.rows) == [2, 0])
    #expect(night.evaluationParts.map(\.positives) == [1, 0])
  }

  @Test func `held requests train for nothing until all tasks have evaluated them`() throws {
    let rows = (0..<4_000).map {
      Row(key: Int64($0), time: Int64($0) * Self.day / 400, labels: [.positive, .negative])
    }
    var (log, keys) = Self.log(rows)
    // Four rows a request.
    log.requests = Column(rows.map { $0.key / 4 })
    let night = try UsedRows().night(
      of: log, keys: keys, windows: Self.windows(clock: 10 * Self.day, holdout: 0.25))
    let trains = Set(Self.values(night.training))
    let held = (2_800..<3_600).filter { !trains.contains($0) }
    // Requests that were shown between the ends of training for purchases and for clicks.
    #expect((120...280).contains(held.count))
    let whole = Set(held.map { $0 / 4 }).flatMap { request in (0..<4).map { 4 * request + $0 } }
    #expect(held == whole.sorted())
    #expect(trains.isSuperset(of: 0..<2_800))
    let purchases = (0..<4_000).filter { night.evaluationLog.labels[1][$0] != 2 }
    #expect(purchases == held.filter { $0 <= 3_200 })
    #expect(night.evaluationParts.map(\.rows) == [400, purchases.count])
  }

  @Test func `rows that the other model has used don't evaluate`() throws {
    let rows = (0..<6).map {
      Row(key: Int64($0), time: Int64($0) * Self.day / 2, labels: [.positive, .positive])
    }
    let (log, keys) = Self.log(rows)
    let windows = NightWindows(
      clock: 3 * Self.day, windows: [0, 0], evaluation: 2 * Self.day, lateness: 9 * Self.day)
    var other = UsedRows()
    other.add(
      try other.night(
        of: log, keys: keys,
        windows: NightWindows(
          clock: 2 * Self.day, windows: [0, 0], evaluation: Self.day / 4, lateness: 9 * Self.day)))
    let alone = try UsedRows().night(of: log, keys: keys, windows: windows)
    #expect(Self.values(alone.evaluation) == [2, 3, 4, 5])
    let beside = try UsedRows().night(of: log, keys: keys, windows: windows, besides: other)
    #expect(Self.values(beside.evaluation) == [4, 5])
    #expect(Self.values(beside.training) == Self.values(alone.training))
    let unknown = UsedRows(horizon: 2 * Self.day + 1)
    #expect(
      Self.values(
        try UsedRows().night(of: log, keys: keys, windows: windows, besides: unknown).evaluation)
        == [5])
  }

  @Test func `a row trains for each task once, each on its night`() throws {
    var used = UsedRows()
    let row = Row(key: 5, time: 6 * Self.day, labels: [.positive, .negative])
    var seen: [[UInt8]] = []
    for night in 6...11 {
      let (log, keys) = Self.log([row])
      let rows = try used.night(
        of: log, keys: keys, windows: Self.windows(clock: Int64(night) * Self.day + 1))
      seen.append([rows.trainingLog.labels[0][0], rows.trainingLog.labels[1][0]])
      #expect(rows.counted.count == (night == 7 ? 1 : 0))
      used.add(rows)
    }
    #expect(seen == [[2, 2], [1, 2], [2, 2], [2, 0], [2, 2], [2, 2]])
  }

  @Test func `a label that was missing trains when it is there`() throws {
    var used = UsedRows()
    var rows: [[UInt8]] = []
    for label in [Label.unknown, .positive, .positive] {
      let (log, keys) = Self.log([Row(key: 5, time: 0, labels: [label, .unknown])])
      let night = try used.night(of: log, keys: keys, windows: Self.windows(clock: 2 * Self.day))
      #expect(night.counted.count == (label == .unknown ? 1 : 0))
      rows.append(Self.labels(night.trainingLog, 0))
      used.add(night)
    }
    #expect(rows == [[2], [1], [2]])
  }

  @Test func `the first row of a key counts and the others are told`() throws {
    let rows = [3, 1, 2].map {
      Row(key: 5, time: Int64($0) * Self.day, labels: [.positive, .positive])
    }
    let (log, keys) = Self.log(rows)
    let night = try UsedRows().night(
      of: log, keys: keys, windows: Self.windows(clock: 9 * Self.day))
    #expect(Self.values(night.training) == [0])
    #expect(night.duplicates == 2)
    #expect(Self.labels(night.trainingLog, 1) == [1, 2, 2])
  }

  @Test func `keys that lie close together are told apart, however far others are`() throws {
    let keys: [Int64] = [.max, 7, 5, .min, 6, 5, 7]
    let (log, column) = Self.log(
      keys.enumerated().map { .init(key: $1, time: Int64($0), labels: [.positive, .positive]) })
    var used = UsedRows()
    let windows = NightWindows(
      clock: 2 * Self.day, windows: [0, 0], evaluation: Self.day, lateness: 3 * Self.day)
    let night = try used.night(of: log, keys: column, windows: windows)
    #expect(Self.values(night.training) == [0, 1, 2, 3, 4])
    #expect(night.duplicates == 2)
    used.add(night)
    #expect(used.rowCount == 5)
    #expect(try used.night(of: log, keys: column, windows: windows).training.isEmpty)
    #expect(try UsedRows(bytes: used.bytes) == used)
  }

  @Test func `a row whose time was changed is still the same row`() throws {
    var used = UsedRows()
    for (time, count) in [(1, 1), (2, 0)] {
      let (log, keys) = Self.log([
        Row(key: 5, time: Int64(time) * Self.day, labels: [.positive, .positive])
      ])
      let night = try used.night(of: log, keys: keys, windows: Self.windows(clock: 5 * Self.day))
      #expect(night.training.count == count)
      used.add(night)
    }
  }

  @Test func `days are dropped once nothing more of them can come`() throws {
    var used = UsedRows()
    #expect(used.readFrom == nil)
    let rows = (0..<20).map {
      Row(key: Int64($0), time: Int64($0) * Self.day, labels: [.negative, .negative])
    }
    let (log, keys) = Self.log(rows)
    used.add(
      try used.night(of: log, keys: keys, windows: Self.windows(clock: 12 * Self.day + Self.hour)))
    // Purchases evaluate from 9 days 1 hour on; a day for lateness leaves 8 days 1 hour.
    #expect(used.readFrom == 8 * Self.day)
    #expect(used.rowCount == 4)
    let late = Self.log(rows + [Row(key: 99, time: 7 * Self.day, labels: [.positive, .positive])])
    let night = try used.night(
      of: late.0, keys: late.1, windows: Self.windows(clock: 13 * Self.day + Self.hour))
    #expect(night.tooLate == 9)
    #expect(night.trainingParts.map(\.rows) == [1, 1])
    #expect(night.counted.count == 1)
  }

  @Test func `rows before the horizon of a model without a ledger are not used`() throws {
    let used = UsedRows(horizon: 3 * Self.day + 5)
    let rows = [3 * Self.day + 4, 3 * Self.day + 5].map {
      Row(key: $0, time: $0, labels: [.positive, .positive])
    }
    let (log, keys) = Self.log(rows)
    let night = try used.night(of: log, keys: keys, windows: Self.windows(clock: 9 * Self.day))
    #expect(Self.values(night.training) == [1])
    #expect(used.readFrom == 3 * Self.day + 5)
  }

  @Test func `a clock that went back takes nothing back`() throws {
    var used = UsedRows()
    let (log, keys) = Self.log([Row(key: 1, time: 0, labels: [.positive, .positive])])
    used.add(try used.night(of: log, keys: keys, windows: Self.windows(clock: 30 * Self.day)))
    let before = used
    used.add(try used.night(of: log, keys: keys, windows: Self.windows(clock: -30 * Self.day)))
    #expect(used == before)
  }

  @Test func `an empty log moves the horizon alone`() throws {
    var used = UsedRows()
    let (log, keys) = Self.log([])
    let night = try used.night(of: log, keys: keys, windows: Self.windows(clock: 10 * Self.day))
    #expect(night.training.isEmpty && night.evaluation.isEmpty && night.counted.isEmpty)
    #expect(night.trainingParts == [.init(), .init()])
    used.add(night)
    #expect(used.rowCount == 0)
    #expect(used.readFrom == 6 * Self.day)
  }

  @Test func `64 tasks fit and one more is refused`() throws {
    let names = (0..<65).map { "task \($0)" }
    let rows = (0..<3).map { key in
      Row(
        key: Int64(key), time: 0, labels: names.indices.map { $0 % 3 == key ? .positive : .unknown }
      )
    }
    var used = UsedRows()
    // Some tasks come later, so that the masks grow.
    for count in [5, 64] {
      let (log, keys) = Self.log(rows, tasks: Array(names[..<count]))
      let windows = NightWindows(
        clock: 2 * Self.day, windows: Array(repeating: nil, count: count), evaluation: Self.day,
        lateness: Self.day)
      let night = try used.night(of: log, keys: keys, windows: windows)
      let former = count == 64 ? 5 : 0
      #expect(night.trainingParts.map(\.rows) == (0..<count).map { $0 < former ? 0 : 1 })
      used.add(night)
      #expect(try used.night(of: log, keys: keys, windows: windows).training.isEmpty)
      #expect(try UsedRows(bytes: used.bytes) == used)
    }
    let (log, keys) = Self.log(rows, tasks: ["another"])
    #expect(throws: UsedRowsError.tooManyTasks(65)) {
      try used.night(
        of: log, keys: keys,
        windows: NightWindows(clock: 0, windows: [nil], evaluation: 0, lateness: 0))
    }
  }

  @Test func `clocks at the ends of time do no harm`() throws {
    for clock in [Int64.min, .max] {
      var used = UsedRows()
      let (log, keys) = Self.log([
        Row(key: .min, time: .min, labels: [.positive, .positive]),
        Row(key: .max, time: .max, labels: [.positive, .positive]),
      ])
      used.add(try used.night(of: log, keys: keys, windows: Self.windows(clock: clock)))
    }
  }

  // MARK: Stored form

  static func ledger() throws -> UsedRows {
    var used = UsedRows()
    let rows = (0..<9).map {
      Row(key: Int64(7 - 3 * $0), time: Int64($0) * day / 2, labels: [.positive, .negative])
    }
    let (log, keys) = log(rows)
    used.add(try used.night(of: log, keys: keys, windows: windows(clock: 5 * day)))
    return used
  }

  @Test func `the stored form gives the ledger back`() throws {
    for used in [UsedRows(), UsedRows(horizon: 3), try Self.ledger()] {
      #expect(try UsedRows(bytes: used.bytes) == used)
    }
    #expect(try Self.ledger().rowCount == 6)
  }

  @Test func `a stored form that is cut short, too long or changed anywhere is refused`() throws {
    let bytes = try Self.ledger().bytes
    for index in bytes.indices {
      #expect(throws: UsedRowsError.self) { try UsedRows(bytes: bytes.prefix(index)) }
      var changed = bytes
      changed[index] ^= 0x10
      #expect(throws: UsedRowsError.self) { try UsedRows(bytes: changed) }
    }
    #expect(throws: UsedRowsError.self) { try UsedRows(bytes: bytes + [0]) }
  }
}
