/// The five-character code that PostgreSQL gives every error.
///
/// Codes are an open set: extensions and stored procedures may raise their own.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
public struct SQLState: RawRepresentable, Hashable, Sendable {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// A statement was stopped on request or by a time limit of the server.
  public static let queryCanceled = SQLState(rawValue: "57014")
  public static let undefinedTable = SQLState(rawValue: "42P01")
  public static let undefinedColumn = SQLState(rawValue: "42703")
  public static let undefinedSchema = SQLState(rawValue: "3F000")
  public static let undefinedDatabase = SQLState(rawValue: "3D000")
  public static let syntaxError = SQLState(rawValue: "42601")
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  public static let uniqueViolation = SQLState(rawValue: "23505")
  public static let duplicateDatabase = SQLState(rawValue: "42P04")
  public static let invalidPassword = SQLState(rawValue: "28P01")
  /// No such user, or the server's rules let this user in from nowhere.
  public static let invalidAuthorization = SQLState(rawValue: "28000")
  /// The server is starting up, shutting down or recovering.
  public static let cannotConnectNow = SQLState(rawValue: "57P03")
  /// An administrator ended the connection.
  public static let adminShutdown = SQLState(rawValue: "57P01")
  public static let crashShutdown = SQLState(rawValue: "57P02")
  public static let idleSessionTimeout = SQLState(rawValue: "57P05")
  /// The server ended a transaction that lay idle for too long, and its connection.
  public static let idleInTransactionTimeout = SQLState(rawValue: "25P03")
  /// Another held a lock for longer than `lock_timeout`.
  public static let lockNotAvailable = SQLState(rawValue: "55P03")
  public static let deadlockDetected = SQLState(rawValue: "40P01")
  public static let tooManyConnections = SQLState(rawValue: "53300")
  public static let readOnlyTransaction = SQLState(rawValue: "25006")
  public static let serializationFailure = SQLState(rawValue: "40001")

  /// Whether the server ends the connection together with this error.
  var endsConnection: Bool {
    [
      .adminShutdown, .crashShutdown, .idleSessionTimeout, .idleInTransactionTimeout,
      .cannotConnectNow,
    ].contains(self)
  }
}

extension SQLState: CustomStringConvertible {
  public var description: String { rawValue }
}
