import CLibPQ
import Glibc

/// One connection to a PostgreSQL server, closed when its last reference goes.
///
/// It connects by libpq's own rules: a URI or `key=value` pairs, `PG*` variables, `~/.pgpass`,
/// `sslmode`. Use it from one thread at a time. Every wait for the server ends soon after
/// ``isCancelled`` answers true: the server is told to stop, and the call throws
/// ``PostgresError/cancelled``.
@safe public final class PostgresConnection {
  let handle: OpaquePointer
  let connectionString: ConnectionString
  /// Asked about ten times a second while waiting; true makes the running statement stop.
  public var isCancelled: @Sendable () -> Bool
  /// When the running statement was told to stop.
  private var cancelSentAt: ContinuousClock.Instant?
  private var statement = ""
  /// When the running statement began.
  private var statementStart = ContinuousClock.now
  /// The limits that the server holds this connection to; nil where the user set others.
  var statementLimit: Duration?
  var lockLimit: Duration?
  /// The server's number of this connection, known where there are limits.
  var backend: String?
  /// Who kept the running statement waiting, once that was looked for.
  var holders: String?
  var hasLookedForHolders = false
  /// How long a server may take to answer a request to stop.
  private static let cancelPatience: Duration = .seconds(10)
  /// How long connecting may take unless `connect_timeout` says otherwise.
  private static let connectPatience: Duration = .seconds(30)

  /// Connects; an empty `string` leaves everything to the `PG*` variables and defaults.
  ///
  /// Without `limits`, statements take as long as the server lets them.
  public init(
    _ string: String = "", limits: ConnectionLimits? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(PostgresError) {
    connectionString = try ConnectionString(string)
    self.isCancelled = isCancelled
    guard let handle = unsafe Self.start(string) else {
      throw .noConnection(host: "libpq", reason: "out of memory")
    }
    unsafe self.handle = handle
    unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    try finishConnecting()
    unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    // Waiting is this class's own, so that it can be interrupted.
    guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw failure() }
    if let limits { try apply(limits) }
  }

  deinit { unsafe PQfinish(handle) }

  /// The server's version as libpq counts it: 150004 is 15.4.
  public var serverVersion: Int { Int(unsafe PQserverVersion(handle)) }

  /// The host name, address or socket directory of the server.
  public var host: String { unsafe text(PQhost(handle)) }

  public var database: String { unsafe text(PQdb(handle)) }

  /// The port, also where it only names a socket.
  public var port: String { unsafe text(PQport(handle)) }

  public var user: String { unsafe text(PQuser(handle)) }

  /// Whether the connection still stands, as far as it has been used.
  public var isOpen: Bool { unsafe PQstatus(handle) == CONNECTION_OK }

  private func text(_ value: UnsafeMutablePointer<CChar>?) -> String {
    unsafe value.map { unsafe String(cString: $0) } ?? ""
  }

  // MARK: - Connecting

  /// Settings that the string may replace, the string, and settings that it may not.
  ///
  /// A peer that answers nothing for two minutes is taken for gone; the system would wait for hours.
  private static func start(_ string: String) -> OpaquePointer? {
    let settings = [
      ("keepalives_idle", "60"), ("keepalives_interval", "10"), ("keepalives_count", "6"),
      ("tcp_user_timeout", "120000"), ("dbname", string),
      ("fallback_application_name", "paretorank"), ("client_encoding", "UTF8"),
    ]
    let keywords: [[CChar]?] = settings.map { Array($0.0.utf8CString) }
    let values: [[CChar]?] = settings.map { Array($0.1.utf8CString) }
    return unsafe withPointers(to: keywords[...], []) { keywords in
      unsafe withPointers(to: values[...], []) { values in
        unsafe PQconnectStartParams(keywords + [nil], values + [nil], 1)
      }
    }
  }

  private func finishConnecting() throws(PostgresError) {
    let deadline = ContinuousClock.now + connectTimeout()
    var state = PGRES_POLLING_WRITING
    while unsafe PQstatus(handle) != CONNECTION_BAD {
      let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
      if !waitOnce(for: Int16(events)) {
        if isCancelled() { throw .cancelled }
        if ContinuousClock.now > deadline {
          throw .noConnection(host: reportedHost, reason: "it didn't answer in time")
        }
        continue
      }
      state = unsafe PQconnectPoll(handle)
      if state == PGRES_POLLING_OK { return }
      if state == PGRES_POLLING_FAILED { break }
    }
    throw connectFailure()
  }

  /// `connect_timeout` for every host named, or a default.
  private func connectTimeout() -> Duration {
    guard let options = unsafe PQconninfo(handle) else { return Self.connectPatience }
    defer { unsafe PQconninfoFree(options) }
    var seconds: Int?
    var hostCount = 1
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      let value = unsafe text(option.pointee.val)
      if unsafe strcmp(keyword, "connect_timeout") == 0 { seconds = Int(value) }
      if unsafe strcmp(keyword, "host") == 0 { hostCount = value.count { $0 == "," } + 1 }
      unsafe option += 1
    }
    guard let seconds, seconds > 0 else { return Self.connectPatience }
    return .seconds(max(seconds, 2) * hostCount)
  }

  private var reportedHost: String { host.isEmpty ? "the default socket" : host }

  private func connectFailure() -> PostgresError {
    let (state, message) = Self.split(unsafe text(PQerrorMessage(handle)))
    let reason = connectionString.redacted(message)
    if let state, state.rawValue.hasPrefix("28") {
      return .notAuthenticated(user: user, host: reportedHost, reason: reason)
    }
    if unsafe PQconnectionNeedsPassword(handle) != 0 {
      return .notAuthenticated(
        user: user, host: reportedHost,
        reason: "it asks for a password and none was given; set PGPASSWORD or ~/.pgpass")
    }
    if let state, !state.endsConnection {
      return .server(state, message: reason, detail: nil, hint: nil)
    }
    if Self.isDistrust(message) { return .notTrusted(host: reportedHost, reason: reason) }
    return .noConnection(host: reportedHost, reason: reason)
  }

  /// Whether libpq found a server that is not as safe as `sslmode` asks.
  ///
  /// libpq has no code for that. Its words are English, because nothing here sets a language.
  private static func isDistrust(_ message: String) -> Bool {
    !message.contains("SYSCALL")
      && ["SSL", "certificate"].contains { message.contains($0) }
  }

  /// Takes the code out of a verbose message: `… failed: FATAL:  28P01: password …`.
  private static func split(_ message: String) -> (SQLState?, String) {
    guard let match = message.firstMatch(of: /:\s+(?<code>[0-9][0-9A-Z]{4}):\s/) else {
      return (nil, message)
    }
    return (
      SQLState(rawValue: String(match.output.code)), String(message[match.range.upperBound...])
    )
  }

  // MARK: - Waiting

  /// Waits up to a tenth of a second for the socket; false if nothing happened.
  private func waitOnce(for events: Int16) -> Bool {
    var descriptor = unsafe pollfd(fd: PQsocket(handle), events: events, revents: 0)
    return unsafe poll(&descriptor, 1, 100) > 0
  }

  /// Forgets that an earlier statement was told to stop.
  func beginStatement(_ sql: String) {
    statement = sql
    cancelSentAt = nil
    statementStart = .now
    hasLookedForHolders = false
    holders = nil
  }

  /// How long the running statement has taken.
  var statementTime: Duration { ContinuousClock.now - statementStart }

  /// Whether the running statement was told to stop.
  var isStopping: Bool { cancelSentAt != nil }

  /// Tells the server to stop the running statement; its answer still has to be read.
  func stopStatement() {
    guard cancelSentAt == nil else { return }
    cancelSentAt = .now
    guard let cancel = unsafe PQgetCancel(handle) else { return }
    defer { unsafe PQfreeCancel(cancel) }
    var message = [CChar](repeating: 0, count: 256)
    _ = unsafe PQcancel(cancel, &message, Int32(message.count))
  }

  /// Waits for the socket, and passes a wish to stop on to the server.
  func wait(for events: Int16) throws(PostgresError) {
    while !waitOnce(for: events) {
      if let sent = cancelSentAt {
        if ContinuousClock.now - sent > Self.cancelPatience {
          _ = unsafe shutdown(PQsocket(handle), Int32(SHUT_RDWR))
          throw .cancelled
        }
      } else if isCancelled() {
        stopStatement()
      } else if events & Int16(POLLIN) != 0 {
        return  // The TLS layer may hold data that the socket doesn't show.
      }
    }
  }

  /// Hands what is still to be sent to the operating system.
  func flush() throws(PostgresError) {
    while unsafe PQflush(handle) == 1 {
      try wait(for: Int16(POLLIN | POLLOUT))
      // A server that talks while it listens must be heard, or both wait forever.
      if unsafe PQconsumeInput(handle) == 0 { return }
    }
  }

  /// Waits for the running statement's next result; nil when there are no more.
  func nextResult() throws(PostgresError) -> PostgresResult? {
    try flush()
    while unsafe PQisBusy(handle) == 1 {
      try wait(for: Int16(POLLIN))
      if unsafe PQconsumeInput(handle) == 0 { break }
      lookForHolders()
    }
    return unsafe PQgetResult(handle).map { unsafe PostgresResult($0) }
  }

  /// What went wrong, where libpq has no result to tell it.
  func failure(afterRows rows: Int = 0) -> PostgresError {
    let reason = connectionString.redacted(unsafe text(PQerrorMessage(handle)))
    // Such as a statement while a reader or writer still uses the connection.
    if isOpen { return .malformed(reason) }
    return .connectionLost(afterRows: rows, reason: reason)
  }

  /// The error that a failed result stands for.
  func error(_ result: borrowing PostgresResult, afterRows rows: Int = 0) -> PostgresError {
    let message = connectionString.redacted(result.field(pqFieldMessage) ?? result.message)
    guard let code = result.field(pqFieldSQLState) else {
      return .connectionLost(afterRows: rows, reason: message)
    }
    let state = SQLState(rawValue: code)
    if state == .queryCanceled && isStopping { return .cancelled }
    if let limit = limitError(state) { return limit }
    if state == .insufficientPrivilege {
      let right = NeededRight(statement: statement, message: message)
      return .notAllowed(user: user, message: message, right: right?.text)
    }
    if state.endsConnection { return .connectionLost(afterRows: rows, reason: message) }
    return .server(
      state, message: message, detail: result.field(pqFieldDetail).map(connectionString.redacted),
      hint: result.field(pqFieldHint).map(connectionString.redacted))
  }
}
