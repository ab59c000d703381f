import Glibc

/// Which database a run works on, and where that was decided.
public struct DatabaseLocation: Sendable {
  /// What decided.
  public enum Source: String, Sendable {
    /// The run configuration's `database`.
    case configuration
    /// libpq's `PG*` variables.
    case environment
    /// Nothing, so it is the private server.
    case privateServer
  }

  public let source: Source
  /// The connection string of a configuration; may hold a password.
  private let connectionString: String
  private let limits: ConnectionLimits
  private let server: PrivateServer

  /// The variables that say where a server is or who asks.
  private static let variables = [
    "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE",
  ]

  /// Takes the configuration's string, else the `PG*` variables, else the private server.
  ///
  /// Every connection is held to `limits`.
  public init(
    configuration: String?, limits: ConnectionLimits, server: PrivateServer = PrivateServer()
  ) {
    self.limits = limits
    self.server = server
    connectionString = configuration ?? ""
    if configuration != nil {
      source = .configuration
    } else if Self.variables.contains(where: { unsafe getenv($0) != nil }) {
      source = .environment
    } else {
      source = .privateServer
    }
  }

  /// False only for a private server that was never started, and so knows nothing.
  public var isThere: Bool { source != .privateServer || server.status != .absent }

  /// Connects, and starts the private server before if it is the one.
  public func connect(
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(PostgresError) -> PostgresConnection {
    let string = source == .privateServer ? try server.start() : connectionString
    return try PostgresConnection(string, limits: limits, isCancelled: isCancelled)
  }
}

extension DatabaseLocation: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Says where the database is without a connection string.
  public var description: String {
    switch source {
    case .configuration: "the database of the configuration"
    case .environment: "the database of the PG* variables"
    case .privateServer: "the private PostgreSQL server in \(server.directory)"
    }
  }

  public var debugDescription: String { description }

  public var customMirror: Mirror { Mirror(self, children: ["source": source]) }
}
