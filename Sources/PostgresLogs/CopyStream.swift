import CLibPQ
import Glibc

/// A running `COPY … FROM STDIN (FORMAT binary)`: takes bytes, ends with all rows or none.
@safe final class CopyStream {
  private let connection: PostgresConnection
  private var isCopying = false

  /// Larger pieces are cut, as a message's length is a 32-bit number.
  private static let largestMessage = 1 << 20

  init(_ connection: PostgresConnection, sql: String) throws(PostgresError) {
    self.connection = connection
    connection.beginStatement(sql)
    guard unsafe PQsendQuery(connection.handle, sql) == 1 else { throw connection.failure() }
    guard let result = try connection.nextResult() else { throw connection.failure() }
    guard result.status == PGRES_COPY_IN else {
      let problem = connection.error(result)
      while try connection.nextResult() != nil {}
      throw problem
    }
    isCopying = true
    try send(CopyEncoder.header)
  }

  deinit { abandon() }

  func send(_ bytes: [UInt8]) throws(PostgresError) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(PostgresError) in
      try unsafe send(UnsafeRawBufferPointer(bytes))
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    for first in stride(from: 0, to: bytes.count, by: Self.largestMessage) {
      let last = min(first + Self.largestMessage, bytes.count)
      let message = unsafe UnsafeRawBufferPointer(rebasing: bytes[first..<last])
      try check(
        unsafe PQputCopyData(
          connection.handle, message.assumingMemoryBound(to: CChar.self).baseAddress,
          Int32(message.count)))
    }
  }

  private func check(_ sent: Int32) throws(PostgresError) {
    guard sent == 1 else {
      isCopying = false
      throw try ending() ?? connection.failure()
    }
    try connection.flush()
  }

  /// Ends the copy and answers how many rows the server took.
  func finish() throws(PostgresError) -> Int {
    guard isCopying else { return 0 }
    try send(CopyEncoder.trailer)
    isCopying = false
    guard unsafe PQputCopyEnd(connection.handle, nil) == 1 else { throw connection.failure() }
    var count = 0
    if let problem = try ending(&count) { throw problem }
    return count
  }

  /// Ends the copy so that no row stays.
  func abandon() {
    guard isCopying else { return }
    isCopying = false
    _ = unsafe PQputCopyEnd(connection.handle, "abandoned")
    do {
      while try connection.nextResult() != nil {}
    } catch {
      // The connection is broken, and with it the copy.
    }
  }

  private func ending() throws(PostgresError) -> PostgresError? {
    var count = 0
    return try ending(&count)
  }

  private func ending(_ count: inout Int) throws(PostgresError) -> PostgresError? {
    var problem: PostgresError?
    while let result = try connection.nextResult() {
      if result.status == PGRES_COMMAND_OK {
        count = result.affectedRowCount
      } else if problem == nil {
        problem = connection.error(result)
      }
    }
    return problem
  }
}
