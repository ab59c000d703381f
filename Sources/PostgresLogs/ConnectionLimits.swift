/// How long a connection's statements, and their waits for locks, may take.
///
/// The server itself holds to them. What a connection string's `options` (or `PGOPTIONS`) sets stays
/// as it is; defaults of a role or a database don't. Keys in messages are those of the run
/// configuration.
public struct ConnectionLimits: Sendable, Equatable {
  /// Longest time of one statement, reading included; at least a millisecond.
  public var statement: Duration
  /// Longest wait for another's lock on a table; at least a millisecond.
  public var lock: Duration

  public init(statement: Duration, lock: Duration) {
    self.statement = statement
    self.lock = lock
  }

  /// How long a transaction may lie idle, so that one of a program that hangs doesn't hold back the
  /// server's cleaning.
  private static let idleTransaction = "10min"

  /// What a connection sets, by the server's names.
  ///
  /// A run that trains for hours holds its lock on an idle connection, which must neither end nor
  /// outlive its program: a peer that answers nothing for two minutes is gone.
  var settings: [(name: String, value: String)] {
    [
      ("statement_timeout", Self.milliseconds(statement)),
      ("lock_timeout", Self.milliseconds(lock)),
      ("idle_in_transaction_session_timeout", Self.idleTransaction),
      ("idle_session_timeout", "0"), ("tcp_keepalives_idle", "60"),
      ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "6"),
      ("tcp_user_timeout", "120s"),
    ]
  }

  /// Zero would mean no limit, and more than 24 days is more than the server takes.
  private static func milliseconds(_ duration: Duration) -> String {
    "\(min(max(Int64((duration / .milliseconds(1)).rounded(.up)), 1), Int64(Int32.max)))ms"
  }
}

extension Duration {
  /// As a person says it: `2 h`, `30 s`, `1.5 s`, `250 ms`.
  var words: String {
    let seconds = self / .seconds(1)
    for (unit, size) in [("h", 3_600.0), ("min", 60)] {
      let count = seconds / size
      if count >= 1, count == count.rounded() { return "\(Int(count)) \(unit)" }
    }
    if seconds >= 1 {
      let tenths = (seconds * 10).rounded() / 10
      return tenths == tenths.rounded() ? "\(Int(tenths)) s" : "\(tenths) s"
    }
    return "\(Int((seconds * 1_000).rounded())) ms"
  }
}
