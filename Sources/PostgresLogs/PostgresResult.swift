import CLibPQ

/// The owner of one result of libpq.
@safe struct PostgresResult: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { unsafe PQclear(handle) }

  var status: ExecStatusType { unsafe PQresultStatus(handle) }

  var message: String { unsafe String(cString: PQresultErrorMessage(handle)) }

  /// One field of an error report.
  func field(_ code: Int) -> String? {
    unsafe PQresultErrorField(handle, Int32(code)).map { unsafe String(cString: $0) }
  }

  /// How many rows the statement touched; 0 where that makes no sense.
  var affectedRowCount: Int { Int(unsafe String(cString: PQcmdTuples(handle))) ?? 0 }

  var rowCount: Int { Int(unsafe PQntuples(handle)) }

  var columnCount: Int { Int(unsafe PQnfields(handle)) }

  func columnName(_ column: Int) -> String {
    unsafe PQfname(handle, Int32(column)).map { unsafe String(cString: $0) } ?? ""
  }

  func columnType(_ column: Int) -> UInt32 { unsafe PQftype(handle, Int32(column)) }

  func value(_ row: Int, _ column: Int) -> String? {
    let (row, column) = (Int32(row), Int32(column))
    if unsafe PQgetisnull(handle, row, column) == 1 { return nil }
    let start = unsafe PQgetvalue(handle, row, column)
    return unsafe start.map { unsafe String(cString: $0) }
  }
}
