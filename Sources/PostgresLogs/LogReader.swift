import CLibPQ
import Glibc
public import Interactions

/// Reads a query's rows in chunks of typed columns, through `COPY … TO STDOUT (FORMAT binary)`.
///
/// Memory doesn't grow with the number of rows. All rows come from one snapshot. The connection
/// serves nothing else until the last chunk was read or the reader is gone; a reader that goes
/// early tells the server to stop.
///
///     let reader = try LogReader(connection, query: "SELECT item_id, clicked FROM impressions")
///     while let chunk = try reader.next() { … }
public final class LogReader {
  /// The query's columns, in the order of each chunk's.
  public let columns: [ColumnDescription]
  private let connection: PostgresConnection
  private let decoder: CopyDecoder
  private let rowsPerChunk: Int
  private var isCopying = false
  /// Whether all that the system holds was taken and is used up.
  private var isDrained = false

  /// A chunk ends early once its texts and lists take this many bytes.
  private static let largestChunk = 64 << 20

  /// How long bytes may gather once all were taken, in microseconds.
  ///
  /// The server sends 8 KiB at a time; waking up for each of them costs both sides more than the
  /// bytes do, and what arrives in this time fits into the system's buffers.
  private static let gatheringTime: UInt32 = 200

  /// Describes the query's columns and starts it.
  public init(
    _ connection: PostgresConnection, query: String, rowsPerChunk: Int = 16_384
  ) throws(PostgresError) {
    precondition(rowsPerChunk > 0, "a chunk can't hold \(rowsPerChunk) rows")
    let columns = try connection.typedColumns(of: query)
    self.columns = columns.map(\.description)
    self.connection = connection
    self.rowsPerChunk = rowsPerChunk
    decoder = CopyDecoder(columns, rowsPerChunk: rowsPerChunk)
    try start(query)
  }

  deinit { stop() }

  /// Rows handed out so far.
  public var rowCount: Int { decoder.rowCount - decoder.pendingRowCount }

  /// The next rows, at least one; nil when all have been read and the server confirmed the end.
  public func next() throws(PostgresError) -> RowChunk? {
    if connection.isCancelled() {
      stop()
      throw .cancelled
    }
    do {
      while isCopying && decoder.pendingRowCount < rowsPerChunk {
        try readMessage()
        if decoder.pendingRowCount & 255 == 0 && decoder.pendingSize > Self.largestChunk { break }
      }
    } catch {
      stop()
      throw error
    }
    return decoder.pendingRowCount == 0 ? nil : decoder.takeChunk()
  }

  private func start(_ query: String) throws(PostgresError) {
    let text = PostgresConnection.embeddable(query)
    let copy = "COPY (\n\(text)\n) TO STDOUT (FORMAT binary)"
    connection.beginStatement(copy)
    guard unsafe PQsendQuery(connection.handle, copy) == 1 else { throw connection.failure() }
    guard let result = try connection.nextResult() else { throw connection.failure() }
    guard result.status == PGRES_COPY_OUT else {
      let problem = connection.error(result)
      while try connection.nextResult() != nil {}
      throw problem
    }
    isCopying = true
  }

  /// Reads one message of the server, waiting for it if need be.
  private func readMessage() throws(PostgresError) {
    var buffer: UnsafeMutablePointer<CChar>?
    let length = unsafe PQgetCopyData(connection.handle, &buffer, 1)
    switch length {
    case 1...:
      defer { unsafe PQfreemem(buffer) }
      isDrained = false
      try unsafe decoder.decode(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
    case 0:
      if isDrained {
        usleep(Self.gatheringTime)
        try connection.wait(for: Int16(POLLIN))
      }
      isDrained = true
      if unsafe PQconsumeInput(connection.handle) == 0 {
        isCopying = false
        throw try finalError() ?? connection.failure(afterRows: decoder.rowCount)
      }
    default: try finish()
    }
  }

  /// Reads the server's last word on the copy.
  private func finish() throws(PostgresError) {
    isCopying = false
    if let problem = try finalError() { throw problem }
    guard decoder.isComplete else { throw .malformed("the stream ends without its trailer") }
  }

  /// The error that the copy ended with, nil if it ended well.
  private func finalError() throws(PostgresError) -> PostgresError? {
    var problem: PostgresError?
    var isConfirmed = false
    while let result = try connection.nextResult() {
      if result.status == PGRES_COMMAND_OK {
        isConfirmed = result.affectedRowCount == decoder.rowCount
      } else if problem == nil {
        problem = connection.error(result, afterRows: decoder.rowCount)
      }
    }
    if problem == nil && !isConfirmed {
      problem = connection.failure(afterRows: decoder.rowCount)
    }
    return problem
  }

  /// Ends a copy whose rows nobody wants any more.
  private func stop() {
    guard isCopying else { return }
    isCopying = false
    connection.drainCopy()
    do {
      while try connection.nextResult() != nil {}
    } catch {
      // The connection is broken, which its next use reports.
    }
  }
}
