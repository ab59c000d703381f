import CLibPQ
import Glibc

/// A PostgreSQL server of ParetoRank's own, for those who have none or want to try first.
///
/// It listens on a Unix socket alone, which only its owner can reach. PostgreSQL refuses to run as
/// root: for root it runs as the user `postgres`, and where that user can't reach the directory,
/// the data lies under `/var/lib/paretorank` with a link at the directory's place.
public struct PrivateServer: Sendable {
  /// What is different from a server for everyday use.
  public struct Options: Sendable, Equatable {
    /// Whether data survives a crash of the machine; off is faster, for tests.
    public var isDurable: Bool
    /// Lines that come first in `pg_hba.conf`.
    public var authenticationRules: [String]

    public init(isDurable: Bool = true, authenticationRules: [String] = []) {
      self.isDurable = isDurable
      self.authenticationRules = authenticationRules
    }
  }

  /// How the server is.
  public enum Status: Sendable, Equatable {
    /// It was never started here.
    case absent
    case stopped
    case running(processID: Int)
  }

  /// The name of the database that `start()` makes.
  public static let database = "paretorank"
  static let user = "postgres"

  /// The absolute path of the data, or of the link to it.
  public let directory: String
  private let options: Options

  /// Describes the server of a directory; nothing is created yet.
  public init(directory: String = ".paretorank/postgres", options: Options = Options()) {
    self.directory = Files.absolute(directory)
    self.options = options
  }

  /// How the server is now.
  public var status: Status {
    let places = ServerPlaces(directory)
    if let process = places.runningProcess { return .running(processID: process) }
    return Files.exists("\(places.data)/PG_VERSION") ? .stopped : .absent
  }

  /// The connection string of the server's database.
  public var url: String { ServerPlaces(directory).url(database: Self.database) }

  /// Starts the server unless it runs, creating what is missing, and answers its ``url``.
  ///
  /// Safe to call from several processes at once, and after a crash.
  @discardableResult
  public func start() throws(PostgresError) -> String {
    try Files.makeDirectories(Files.parent(directory))
    return try Files.withLock(directory + ".lock") { () throws(PostgresError) in
      let places = ServerPlaces(directory)
      if places.runningProcess == nil {
        try places.prepareParents()
        if !Files.exists("\(places.data)/PG_VERSION") { try initialise(places) }
        try configure(places)
        try launch(places)
      }
      try waitUntilReady(places)
      try createDatabase(places)
      return url
    }
  }

  /// Stops the server if it runs; connections are closed.
  public func stop() throws(PostgresError) {
    guard case .running = status else { return }
    try Files.withLock(directory + ".lock") { () throws(PostgresError) in
      let places = ServerPlaces(directory)
      guard places.runningProcess != nil else { return }
      let programs = try PostgresPrograms(version: places.version)
      let result = try places.runAsOwner([
        "\(programs.directory)/pg_ctl", "stop", "-D", places.data, "-m", "fast", "-w", "-t",
        "120",
      ])
      guard result.status == 0 else { throw .privateServer(Self.line(result.output)) }
    }
  }

  // MARK: - Steps of a start

  /// Creates the data beside its place and moves it there, so that it is whole or absent.
  private func initialise(_ places: ServerPlaces) throws(PostgresError) {
    let programs = try PostgresPrograms(version: nil)
    let fresh = places.data + ".new"
    _ = try ChildProcess(["rm", "-rf", "--", fresh])
    try places.makeOwnedDirectory(fresh)
    let result = try places.runAsOwner([
      "\(programs.directory)/initdb", "-D", fresh, "-U", Self.user, "--auth=trust",
      "--encoding=UTF8", "--locale=C", "--no-sync",
    ])
    guard result.status == 0 else { throw .privateServer(Self.line(result.output)) }
    try Files.write(
      "\ninclude 'paretorank.conf'\n", to: "\(fresh)/postgresql.conf", mode: "ae")
    // An empty directory may be in the way; one with anything in it is not ours to replace.
    _ = unsafe rmdir(places.data)
    guard unsafe rename(fresh, places.data) == 0 else {
      throw Files.failure("move the new data to \(places.data)")
    }
    try places.linkData()
  }

  /// Writes the settings, for each start anew.
  private func configure(_ places: ServerPlaces) throws(PostgresError) {
    if places.socket != places.data { try places.makeOwnedDirectory(places.socket) }
    let durability =
      options.isDurable ? "" : "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
    let settings = """
      listen_addresses = ''
      port = \(ServerPlaces.port)
      unix_socket_directories = '\(places.socket)'
      unix_socket_permissions = 0700
      shared_buffers = 256MB
      dynamic_shared_memory_type = mmap
      maintenance_work_mem = 256MB
      work_mem = 32MB
      wal_level = minimal
      max_wal_senders = 0
      max_wal_size = 4GB
      logging_collector = off
      \(durability)
      """
    let rules = (options.authenticationRules + ["local all all trust"]).joined(separator: "\n")
    try places.writeOwned(settings, to: "paretorank.conf")
    try places.writeOwned(rules + "\n", to: "pg_hba.conf")
  }

  private func launch(_ places: ServerPlaces) throws(PostgresError) {
    let programs = try PostgresPrograms(version: places.version)
    try places.removeStaleProcessFile()
    let log = "\(places.data)/server.log"
    let result = try places.runAsOwner([
      "\(programs.directory)/pg_ctl", "start", "-D", places.data, "-l", log, "-w", "-t", "300",
      "-s",
    ])
    guard result.status == 0 else {
      let last = (Files.read(log) ?? "").split(separator: "\n").suffix(3).joined(separator: "; ")
      throw .privateServer("\(Self.line(result.output)) (\(log): \(last))")
    }
  }

  /// Waits for a server that somebody else started a moment ago, or that recovers from a crash.
  private func waitUntilReady(_ places: ServerPlaces) throws(PostgresError) {
    let deadline = ContinuousClock.now + .seconds(300)
    while unsafe PQping(places.url(database: "postgres")) != PQPING_OK {
      guard places.runningProcess != nil, ContinuousClock.now < deadline else {
        throw .privateServer("it doesn't get ready; see \(places.data)/server.log")
      }
      Files.pause(milliseconds: 50)
    }
  }

  private func createDatabase(_ places: ServerPlaces) throws(PostgresError) {
    let connection = try PostgresConnection(places.url(database: "postgres"))
    let found = try connection.value(
      "SELECT 1 FROM pg_database WHERE datname = $1", [Self.database])
    if found == nil {
      try connection.execute(
        "CREATE DATABASE \(connection.quotedIdentifier(Self.database))")
    }
  }

  private static func line(_ output: String) -> String {
    output.split(separator: "\n").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
      .suffix(4).joined(separator: "; ")
  }
}
