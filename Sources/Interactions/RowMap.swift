/// Which row of a former embedding table each row of a new one goes on from.
public struct RowMap: Sendable, Equatable {
  /// The former row of each row; -1 where it is of a new id.
  private let formerRows: [Int32]
  /// The hashes of the new ids, in the order of their rows.
  private let newHashes: [UInt64]

  /// The map of a table that stays as it is.
  public init(rowCount: Int) {
    formerRows = (0..<Int32(rowCount)).map(\.self)
    newHashes = []
  }

  /// The map between the tables of two vocabularies of the same kind of ids.
  public init(from former: Vocabulary, to new: Vocabulary) {
    var rows = former.rows(ofCodesIn: new.dictionary)
    var hashes: [UInt64] = []
    for row in rows.indices.dropFirst() where rows[row] == 0 {
      rows[row] = -1
      hashes.append(new.dictionary.hash(ofCode: row - 1))
    }
    formerRows = rows
    newHashes = hashes
  }

  /// Rows of the new table.
  public var rowCount: Int { formerRows.count }

  /// Rows of new ids.
  public var newRowCount: Int { newHashes.count }

  /// The former row of a row; nil where it is of a new id.
  public func formerRow(of row: Int) -> Int? {
    let former = formerRows[row]
    return former < 0 ? nil : Int(former)
  }

  /// Calls `known` with each row that goes on from a former one, and `new` with the others and their
  /// ids' hashes.
  package func forEach(
    known: (_ row: Int, _ former: Int) -> Void, new: (_ row: Int, _ hash: UInt64) -> Void
  ) {
    var newCount = 0
    for (row, former) in formerRows.enumerated() {
      if former < 0 {
        new(row, newHashes[newCount])
        newCount += 1
      } else {
        known(row, Int(former))
      }
    }
  }
}

extension IDDictionary {
  /// The hash of an id, the same in every dictionary.
  fileprivate func hash(ofCode code: Int) -> UInt64 {
    holdsTexts
      ? StableHash.bytes(texts.bytes, texts.range(code)) : StableHash.integer(integers[code])
  }
}
