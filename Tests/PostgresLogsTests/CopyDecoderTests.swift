import Interactions
import PostgresLogs
import Testing

/// What a server could send wrong, byte by byte; no server is needed.
struct CopyDecoderTests {
  private static let header: [UInt8] =
    Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n\0".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
  private static let trailer: [UInt8] = [0xFF, 0xFF]
  /// A row of one int4 and one text.
  private static let row: [UInt8] = [0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 2, 0x68, 0x69]

  private func decoder() -> CopyDecoder {
    func column(_ name: String, _ format: FieldFormat, _ type: String) -> TypedColumn {
      TypedColumn(
        description: ColumnDescription(name: name, kind: format.kind, databaseType: type),
        format: format, elementTypeID: 0)
    }
    return CopyDecoder(
      [column("id", .int4, "int4"), column("word", .text, "text")], rowsPerChunk: 8)
  }

  private func decode(_ messages: [UInt8]...) throws -> CopyDecoder {
    let decoder = decoder()
    for message in messages {
      try unsafe message.withUnsafeBytes { try unsafe decoder.decode($0) }
    }
    return decoder
  }

  private func isMalformed(_ problem: PostgresError?) -> Bool {
    if case .malformed = problem { return true }
    return false
  }

  @Test func `the header may come alone or with the first row`() throws {
    for decoder in try [
      decode(Self.header, Self.row, Self.trailer), decode(Self.header + Self.row, Self.trailer),
    ] {
      #expect(decoder.isComplete && decoder.rowCount == 1)
      let chunk = decoder.takeChunk()
      #expect(chunk.columns[0].values == .integers([7]))
      #expect(chunk.columns[1].values.strings == ["hi"])
    }
    #expect(try decode(Self.header + Self.trailer).isComplete)
  }

  @Test func `every row that is cut short is refused`() {
    for length in 0..<Self.row.count {
      let problem = #expect(throws: PostgresError.self) {
        try decode(Self.header, Array(Self.row[..<length]))
      }
      #expect(isMalformed(problem), "\(length) bytes")
    }
  }

  @Test func `every header that is cut short or changed is refused`() {
    for index in Self.header.indices {
      #expect(throws: PostgresError.self) { try decode(Array(Self.header[..<index])) }
      var changed = Self.header
      changed[index] ^= 0x40
      #expect(throws: PostgresError.self) { try decode(changed) }
    }
  }

  @Test(
    arguments: [
      [0, 3, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0],  // three fields
      [0, 1, 0, 0, 0, 4, 0, 0, 0, 7],  // one field
      [0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0x7F, 0xFF, 0xFF, 0xFF, 0x68],  // a length beyond the message
      [0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0xFF, 0xFF, 0xFF, 0xFE],  // a length of -2
      [0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 0, 9],  // a byte too many
      [0xFF, 0xFE], [0x80, 0],
    ] as [[UInt8]])
  func `a row that doesn't fit is refused`(row: [UInt8]) {
    #expect(isMalformed(#expect(throws: PostgresError.self) { try decode(Self.header, row) }))
  }

  @Test func `a field of the wrong size is a bad value of its column`() {
    let row: [UInt8] = [0, 2, 0, 0, 0, 3, 0, 0, 7, 0, 0, 0, 0]
    #expect(throws: PostgresError.badValue(column: "id", row: 2, expected: "a value of type int4"))
    {
      try decode(Self.header, Self.row, row)
    }
  }

  @Test func `nothing may follow the trailer`() {
    #expect(throws: PostgresError.self) { try decode(Self.header, Self.trailer, Self.row) }
    #expect(throws: PostgresError.self) { try decode(Self.header, Self.trailer + [0]) }
  }
}
