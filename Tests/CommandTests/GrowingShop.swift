import DatabaseTestSupport
import Foundation
import Interactions
import PostgresLogs
import Testing

/// A shop on a server of its own, whose log grows from one night to the next, and a folder in which
/// `paretorank nightly` is run.
///
/// An impression comes every two minutes; one in ten arrives up to five hours late. Clicks come within
/// an hour and purchases within twelve.
final class GrowingShop {
  let folder: String
  /// The folder within it where the command runs.
  let place: String
  let server: PrivateServer
  let proxy: CuttingProxy
  /// Past the proxy.
  private(set) var connection: PostgresConnection
  /// The hours that the log is complete up to, since it began.
  private(set) var hours = 0

  /// Whether the folder of the runs is a small file system of its own, which only root may mount.
  let isSmall: Bool

  static let start = "timestamptz '2026-01-01 00:00Z'"

  init(nights: Int) throws {
    // Names of sockets are short.
    folder = "/tmp/paretorank-soak-\(getpid())-\(UInt32.random(in: 0...999_999))"
    place = folder + "/place"
    let files = FileManager.default
    try files.createDirectory(atPath: place, withIntermediateDirectories: true)
    try files.createDirectory(atPath: folder + "/socket", withIntermediateDirectories: true)
    isSmall = Self.succeeds("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place)
    // Durable: what was committed must outlive a crash of the server.
    server = PrivateServer(directory: folder + "/postgres")
    connection = try PostgresConnection(server.start())
    let name = ".s.PGSQL.\(connection.port)"
    proxy = try CuttingProxy(at: "\(folder)/socket/\(name)", server: "\(connection.host)/\(name)")
    try connection.run(script: Self.tables(hours: 96 + 6 * nights))
    try write(configuration, to: "paretorank.yaml")
    try grow(byHours: 72)
  }

  deinit {
    proxy.close()
    try? server.stop()
    if isSmall { _ = Self.succeeds("umount", "-l", place) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func succeeds(_ command: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Fills the small file system but for some bytes.
  func fill(butFor room: Int) throws {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: place)
    let free = (attributes[.systemFreeSize] as? Int) ?? 0
    try Data(count: max(free - room, 0)).write(to: URL(fileURLWithPath: place + "/ballast"))
  }

  func removeBallast() throws {
    try FileManager.default.removeItem(atPath: place + "/ballast")
  }

  /// Connects anew, after the server was away.
  func reconnect() throws { connection = try PostgresConnection(server.start()) }

  /// Lets time pass: impressions and events arrive, and the clock of the log goes on.
  func grow(byHours step: Int) throws {
    try connection.withTransaction {
      let (from, to) = (hours, hours + step)
      let arrived = { (column: String) in
        """
        \(column) > \(Self.start) + interval '\(from) hours'
        AND \(column) <= \(Self.start) + interval '\(to) hours'
        """
      }
      try connection.execute(
        """
        INSERT INTO shop.impressions
        SELECT impression_id, user_id, item_id, price, shown_at FROM shop.source
        WHERE \(arrived("arrives_at"))
        """)
      for (kind, column) in [("click", "clicked_at"), ("purchase", "purchased_at")] {
        try connection.execute(
          """
          INSERT INTO shop.events SELECT impression_id, '\(kind)', \(column) FROM shop.source
          WHERE \(arrived(column))
          """)
      }
      try connection.execute(
        "UPDATE shop.clock SET complete_until = \(Self.start) + interval '\(to) hours'")
    }
    hours += step
  }

  private static func tables(hours: Int) -> String {
    """
    CREATE SCHEMA shop;
    CREATE TABLE shop.source AS
      WITH rows AS (
        SELECT i AS impression_id, \(start) + i * interval '2 minutes' AS shown_at,
          abs(hashint8(3 * i)) % 60 AS user_id,
          abs(hashint8(5 * i)) % 25 + i / 3000 AS item_id,
          abs(hashint8(7 * i)) % 1000 / 10.0 AS price,
          abs(hashint8(11 * i)) % 1000 / 1000.0 AS chance,
          abs(hashint8(13 * i)) % 3600 AS seconds
        FROM generate_series(1, \(30 * hours)) AS i
      )
      SELECT impression_id, user_id, item_id, price, shown_at,
        shown_at + CASE WHEN seconds % 10 = 0 THEN seconds * interval '5 seconds'
          ELSE interval '0' END AS arrives_at,
        CASE WHEN chance < 0.1 + 0.3 * ((user_id + item_id) % 4 = 0)::int
          THEN shown_at + seconds * interval '0.9 seconds' END AS clicked_at,
        CASE WHEN chance < 0.05 + 0.1 * ((user_id + item_id) % 4 = 0)::int
          THEN shown_at + seconds * interval '11 seconds' END AS purchased_at
      FROM rows;
    CREATE TABLE shop.impressions (impression_id bigint, user_id bigint, item_id bigint,
      price float8, shown_at timestamptz);
    CREATE INDEX ON shop.impressions (shown_at);
    CREATE TABLE shop.events (impression_id bigint, kind text, happened_at timestamptz);
    CREATE INDEX ON shop.events (impression_id);
    CREATE TABLE shop.clock AS SELECT \(start) AS complete_until;
    CREATE VIEW shop.log AS SELECT i.*,
      EXISTS (SELECT FROM shop.events e WHERE e.impression_id = i.impression_id
        AND kind = 'click' AND happened_at < shown_at + interval '1 hour') AS clicked,
      EXISTS (SELECT FROM shop.events e WHERE e.impression_id = i.impression_id
        AND kind = 'purchase' AND happened_at < shown_at + interval '12 hours') AS purchased
      FROM shop.impressions i;
    """
  }

  private var configuration: String {
    """
    database: "host=\(folder)/socket port=\(connection.port) dbname=\(connection.database) \
    user=\(connection.user)"
    impressions:
      from: shop.log
      time: shown_at
      user: user_id
      item: item_id
      key: impression_id
      clock: SELECT complete_until FROM shop.clock
    tasks:
      - {name: click, label: clicked, window: 1 hour}
      - {name: purchase, label: purchased, window: 12 hours}
    features:
      - {id: user_id, dimension: 2}
      - {id: item_id, dimension: 2, minimum_count: 3}
      - {number: price}
    network: {experts: 2, expert: [4], tower: []}
    combiner: {kind: uncertainty}
    training: {batch: 32, epochs: 1, workers: 1}
    limits: {statement: 1 minute, lock: 2 seconds, retry: 3 seconds}
    output: {models: models, name: shop}
    nightly:
      evaluation: 12 hours
      holdout: 0.5
      lateness: 6 hours
      evict_after: 10 days
      checkpoint: 0.05 seconds
      keep: 3
      metrics_file: paretorank.prom
      gate:
        tolerance: 0.5
        calibration: 20
        minimum_positives: 3
        row_ratio: 50
        label_ratio: 50
        missing_rise: 1
        new_id_rise: 1
        stability: 100
    scoring:
      candidates: {query: "SELECT DISTINCT ON (user_id, item_id) user_id, item_id, price FROM \
    shop.impressions ORDER BY user_id, item_id, shown_at DESC"}
      user: user_id
      item: item_id
      value: click + purchase
      top: 5
      to: {table: shop.scores}
      keep: 2
    """
  }

  // MARK: - Running

  static let binary = Workplace.binary

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
  }

  /// Starts `paretorank` in the folder; its output goes to files `NAME.out` and `NAME.err`.
  func start(
    _ arguments: [String], as name: String = "night", under prefix: [String] = [],
    running program: String = binary
  ) throws -> Process {
    let process = Process()
    let command = prefix + [program] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: place)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
      "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = FileHandle.nullDevice
    let files = FileManager.default
    for end in ["out", "err"] {
      _ = files.createFile(atPath: "\(folder)/\(name).\(end)", contents: nil)
    }
    process.standardOutput = try FileHandle(
      forWritingTo: URL(fileURLWithPath: "\(folder)/\(name).out"))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: "\(folder)/\(name).err"))
    try process.run()
    return process
  }

  func finish(_ process: Process, as name: String = "night") throws -> CommandResult {
    process.waitUntilExit()
    let wasKilled = process.terminationReason == .uncaughtSignal
    return CommandResult(
      status: wasKilled ? -process.terminationStatus : process.terminationStatus,
      output: try String(contentsOfFile: "\(folder)/\(name).out", encoding: .utf8),
      errors: try String(contentsOfFile: "\(folder)/\(name).err", encoding: .utf8))
  }

  func run(_ arguments: String..., under prefix: [String] = []) throws -> CommandResult {
    try finish(start(arguments, under: prefix))
  }
}

extension GrowingShop {
  /// One number of the server's answer.
  func count(_ sql: String) throws -> Int {
    try #require(try connection.value(sql).flatMap { Int($0) }, "\(sql)")
  }

  /// A text that says what is wrong with what readers see; nil where all is well.
  ///
  /// Whatever happened to a night, the current scores are one version, whole, of a model that was
  /// published.
  func problemOfScores() throws -> String? {
    guard try connection.value("SELECT to_regclass('shop.scores')") != nil else { return nil }
    let versions = try connection.query(
      """
      SELECT v.row_count, (SELECT count(*) FROM paretorank.scored_candidates c
        WHERE c.version = v.id), m.state
      FROM paretorank.score_versions v LEFT JOIN paretorank.models m ON m.id = v.model_id
      WHERE v.model = 'shop' AND v.state = 'current'
      """
    ).rows
    guard versions.count == 1, let version = versions.first else {
      return "\(versions.count) current versions"
    }
    if version[0] != version[1] { return "\(version[1] ?? "") of \(version[0] ?? "") rows" }
    if !["current", "retired"].contains(version[2]) {
      return "of a model that is \(version[2] ?? "")"
    }
    let strays = try count(
      """
      SELECT count(*) FROM paretorank.scored_candidates
      WHERE version NOT IN (SELECT id FROM paretorank.score_versions)
      """)
    return strays == 0 ? nil : "\(strays) rows of no version"
  }

  /// What lies in the folder that no finished run would leave.
  func leftovers() throws -> [String] {
    let paths = FileManager.default.enumerator(atPath: place)?.allObjects ?? []
    return paths.compactMap { $0 as? String }.filter { path in
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      let isOurs = path.hasPrefix(".paretorank") || path.hasPrefix("models")
      return path.contains("/nights/shop/") || name.contains(".tmp") || name.contains(".partial")
        || (isOurs && name.hasPrefix(".") && name != ".paretorank")
    }
  }

  /// For each task, how many rows the current model and those before it were trained on, and the sum
  /// of the hashes of these rows' keys, as the runs noted.
  func usedRows() throws -> [String: UsedSum] {
    let rows = try connection.query(
      """
      WITH RECURSIVE line AS (
        SELECT id, parent_id, run_id FROM paretorank.models
        WHERE name = 'shop' AND state = 'current'
        UNION ALL
        SELECT m.id, m.parent_id, m.run_id FROM paretorank.models m JOIN line ON m.id = line.parent_id
      )
      SELECT task.key, sum((task.value ->> 'rows')::int8),
        string_agg(task.value ->> 'fingerprint', ' ')
      FROM line JOIN paretorank.stages s ON s.run_id = line.run_id AND s.stage = 'train',
        jsonb_each(s.detail -> 'tasks') AS task
      GROUP BY task.key
      """
    ).rows
    var used: [String: UsedSum] = [:]
    for row in rows {
      let prints = (row[2] ?? "").split(separator: " ").map { UInt64($0, radix: 16) ?? 0 }
      used[row[0] ?? ""] = UsedSum(
        rows: row[1].flatMap { Int($0) } ?? 0, fingerprint: prints.reduce(0, &+))
    }
    return used
  }

  /// The same, as it must be: each row older than a task's evaluation window, once, but for those
  /// that are held until purchases are evaluated on them.
  func expectedRows(clock: String) throws -> [String: UsedSum] {
    let hour: Int64 = 3_600_000_000
    func times(_ sql: String) throws -> [[Int64]] {
      try connection.query(sql).rows.map { $0.map { $0.flatMap { Int64($0) } ?? 0 } }
    }
    let microseconds = "(extract(epoch FROM shown_at) * 1000000)::bigint"
    let closed = try [1, 12].map { hours in
      try times(
        """
        SELECT max(\(microseconds)) FROM shop.impressions
        WHERE shown_at <= timestamptz '\(clock)' - interval '\(hours) hours'
        """)[0][0]
    }
    let windows = NightWindows(
      clock: try times(
        "SELECT (extract(epoch FROM timestamptz '\(clock)') * 1000000)::bigint")[0][0],
      windows: [hour, 12 * hour], newestKnown: closed, evaluation: 12 * hour, lateness: 6 * hour,
      holdout: 0.5)
    let rows = try times(
      "SELECT impression_id, \(microseconds) FROM shop.impressions WHERE isfinite(shown_at)"
    ).map {
      (key: StableHash.integer($0[0]), time: $0[1])
    }
    var expected: [String: UsedSum] = [:]
    for (task, name) in ["click", "purchase"].enumerated() {
      let trained = rows.filter {
        $0.time < closed[task] - 12 * hour
          && !windows.isHeld(Int64(bitPattern: $0.key), at: $0.time)
      }
      expected[name] = UsedSum(
        rows: trained.count, fingerprint: trained.reduce(0) { $0 &+ $1.key })
    }
    return expected
  }

  struct UsedSum: Equatable {
    var rows: Int
    var fingerprint: UInt64
  }
}
