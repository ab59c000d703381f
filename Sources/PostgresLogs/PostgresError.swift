public import Interactions

/// Why work with PostgreSQL stopped.
///
/// No case holds a connection string: it may contain a password.
public enum PostgresError: Error, Equatable, Sendable {
  /// The connection string can't be read; the reason names no part of it that may be secret.
  case badConnectionString(reason: String)
  /// No server answered at this host or socket directory.
  case noConnection(host: String, reason: String)
  /// A server answered and didn't let this user in.
  case notAuthenticated(user: String, host: String, reason: String)
  /// The connection isn't as safe as `sslmode` asks: no TLS, another's certificate, or an old one.
  case notTrusted(host: String, reason: String)
  /// A statement took longer than `limits.statement`; the limit is in words.
  case statementTooLong(limit: String)
  /// Another held a lock, such as a table's, for longer than `limits.lock`; `holders` says who, where that is known.
  case lockNotGot(limit: String, holders: String?)
  /// A role lacks a right on what the server's message names; `right` says which, where that can be told.
  case notAllowed(user: String, message: String, right: String?)
  /// The server refused a statement.
  case server(SQLState, message: String, detail: String?, hint: String?)
  /// The table or query lacks columns that were asked for; `closest` has what some of them may be.
  case missingColumns([String], source: String, closest: [String: String] = [:])
  /// A value isn't what its column needs. Rows count from 1, in reading or writing order.
  case badValue(column: String, row: Int, expected: String)
  /// A column's type can't be read or written, with the database's name of the type.
  case unsupportedType(column: String, type: String)
  /// A column's type doesn't go with the kind of values that is needed.
  case wrongKind(column: String, type: String, found: ColumnKind)
  /// The connection broke after this many rows had been read or written.
  case connectionLost(afterRows: Int, reason: String)
  /// The caller asked to stop.
  case cancelled
  /// The server sent, or the caller handed over, what the protocol doesn't allow.
  case malformed(String)
  /// The private server can't be set up, started or stopped.
  case privateServer(String)
  /// The bookkeeping schema is newer than this program.
  case newerSchema(found: Int, known: Int)
}

extension PostgresError {
  /// Whether the server knows no table or view of a name that a statement uses.
  public var isMissingTable: Bool { has(.undefinedTable) }

  /// Whether a statement names a column that doesn't exist.
  public var isMissingColumn: Bool {
    if case .missingColumns = self { return true }
    return has(.undefinedColumn)
  }

  /// Whether no usable server could be reached: not there, refused this user, or went away.
  public var isUnreachable: Bool {
    switch self {
    case .noConnection, .notAuthenticated, .notTrusted, .connectionLost, .privateServer: true
    case .server(let state, _, _, _): state == .undefinedDatabase
    default: false
    }
  }

  /// Whether the same work may well succeed some time later, without anybody's doing.
  ///
  /// So it is with a connection that was lost, a server that starts or stops, and transactions that got
  /// into each other's way; not with a user who may not come in, or a table that isn't there.
  public var isPassing: Bool {
    switch self {
    case .connectionLost, .noConnection: true
    case .server(let state, _, _, _):
      [.serializationFailure, .deadlockDetected, .tooManyConnections].contains(state)
    default: false
    }
  }

  private func has(_ state: SQLState) -> Bool {
    if case .server(state, _, _, _) = self { return true }
    return false
  }
}

extension PostgresError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badConnectionString(let reason): "the connection string can't be read: \(reason)"
    case .noConnection(let host, let reason): "no PostgreSQL server answers at \(host): \(reason)"
    case .notAuthenticated(let user, let host, let reason):
      "PostgreSQL at \(host) doesn't let user \(user) in: \(reason)"
    case .notTrusted(let host, let reason):
      "the connection to PostgreSQL at \(host) isn't as safe as sslmode asks: \(reason)"
    case .statementTooLong(let limit):
      "a statement took longer than \(limit); limits.statement says how long one may take"
    case .lockNotGot(let limit, let holders):
      "a lock in the database was not got within \(limit), which limits.lock sets"
        + (holders.map { "; held by \($0)" } ?? "")
    case .notAllowed(let user, let message, let right):
      "\(message): role \(user) needs \(right ?? "more rights"); see schemas/grants.sql"
    case .server(let state, let message, let detail, let hint):
      Self.line([message, detail, hint].compactMap(\.self)) + " (SQLSTATE \(state))"
    case .missingColumns(let columns, let source, let closest):
      "\(source) has no column "
        + columns.map { $0 + Spelling.hint(closest[$0]) }.joined(separator: ", no column ")
    case .badValue(let column, let row, let expected): "row \(row): \(column) is not \(expected)"
    case .unsupportedType(let column, let type):
      "column \(column) has type \(type), which can't be used; cast it, "
        + "for example \(column)::text or \(column)::float8"
    case .wrongKind(let column, let type, let found):
      "column \(column) has type \(type), which doesn't go with values of kind \(found.rawValue)"
    case .connectionLost(let rows, let reason):
      "the connection to PostgreSQL was lost after \(rows) rows: \(reason)"
    case .cancelled: "stopped on request; nothing half-done was left"
    case .malformed(let what): "unexpected exchange with PostgreSQL: \(what)"
    case .privateServer(let reason): "the private PostgreSQL server: \(reason)"
    case .newerSchema(let found, let known):
      "the schema paretorank is at version \(found) and this program knows \(known); "
        + "use a newer paretorank"
    }
  }

  /// Joins parts of a message into one line.
  private static func line(_ parts: [String]) -> String {
    parts.map { part in
      part.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces() }.joined(separator: " ")
    }
    .joined(separator: "; ")
  }
}

extension StringProtocol {
  /// The text without spaces, tabs and line ends at both sides.
  func trimmingSpaces() -> String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
