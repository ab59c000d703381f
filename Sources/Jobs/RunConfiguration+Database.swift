public import PostgresLogs
public import RunConfiguration

extension DatabaseLocation {
  /// The database of a configuration, whose limits hold for every connection.
  public init(_ configuration: RunConfiguration) {
    self.init(address: configuration.database, limits: configuration.limits)
  }

  /// The database of an address; nil leaves it to the `PG*` variables and the private server.
  public init(address: DatabaseAddress?, limits: RunConfiguration.Limits = .init()) {
    self.init(
      configuration: address?.connectionString,
      limits: ConnectionLimits(
        statement: .microseconds(limits.statement), lock: .microseconds(limits.lock)))
  }
}
