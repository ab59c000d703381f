/// How often and how lately the ids of a feature were trained on, from one night to the next.
///
/// It also holds ids that are still too rare for a row of their own, until they have been away for
/// too long.
public struct VocabularyHistory: Sendable, Equatable {
  /// What is known about one id.
  public struct Record: Sendable, Equatable {
    /// Training rows that had it; the largest `UInt32` stands for all higher numbers.
    public var count: UInt32
    /// The UTC day of the newest of them, counted from 1970-01-01.
    public var lastDay: Int32

    public init(count: UInt32, lastDay: Int32) {
      self.count = count
      self.lastDay = lastDay
    }
  }

  package private(set) var dictionary: IDDictionary
  /// By code of ``dictionary``.
  package private(set) var records: [Record]

  /// A history without ids.
  package init(holdsTexts: Bool) {
    dictionary = IDDictionary(holdsTexts: holdsTexts)
    records = []
  }

  /// The history of a vocabulary of which no more is known.
  ///
  /// - Parameters:
  ///   - vocabulary: The ids.
  ///   - count: Rows that each id counts as having been in.
  ///   - lastSeen: When each counts as last seen, in microseconds since 1970 UTC.
  package init(of vocabulary: Vocabulary, count: Int, lastSeen: Int64) {
    self.init(holdsTexts: vocabulary.holdsTexts)
    include(
      vocabulary,
      as: Record(
        count: UInt32(clamping: count), lastDay: Int32(clamping: Timestamp.day(lastSeen))))
  }

  /// The number of ids.
  public var count: Int { records.count }

  /// Whether the ids are texts; otherwise they are whole numbers.
  public var holdsTexts: Bool { dictionary.holdsTexts }

  /// What is known about a whole number; nil where nothing is.
  public subscript(id: Int64) -> Record? { dictionary.code(of: id).map { records[Int($0)] } }

  /// What is known about a text; nil where nothing is.
  public subscript(text: String) -> Record? {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBufferPointer { unsafe dictionary.code(of: $0) }
      .map { records[Int($0)] }
  }

  /// Adds rows of a night.
  ///
  /// - Parameters:
  ///   - codes: The codes of the ids that the rows have, once each.
  ///   - ids: The dictionary that the codes belong to.
  ///   - record: How many rows had the id of a code, and the newest one's day.
  package mutating func add(
    _ codes: [Int32], of ids: IDDictionary, record: (_ code: Int) -> Record
  ) {
    for code in codes {
      let new = record(Int(code))
      let own = Int(dictionary.insert(code, of: ids))
      if own == records.count {
        records.append(new)
      } else {
        let (sum, overflow) = records[own].count.addingReportingOverflow(new.count)
        records[own].count = overflow ? .max : sum
        records[own].lastDay = max(records[own].lastDay, new.lastDay)
      }
    }
  }

  /// Adds those ids of a vocabulary that the history lacks, as if seen so often and so lately.
  mutating func include(_ vocabulary: Vocabulary, as record: Record) {
    for code in 0..<Int32(vocabulary.count) {
      if dictionary.insert(code, of: vocabulary.dictionary) == records.count {
        records.append(record)
      }
    }
  }

  /// The history without the ids that were last seen before a day, but for those of a vocabulary.
  func forgetting(before day: Int64, butKeeping pinned: Vocabulary?) -> VocabularyHistory {
    guard records.contains(where: { $0.lastDay < day }) else { return self }
    var kept = VocabularyHistory(holdsTexts: holdsTexts)
    for (index, record) in records.enumerated() {
      let code = Int32(index)
      if record.lastDay >= day || pinned?.contains(code, of: dictionary) ?? false {
        _ = kept.dictionary.insert(code, of: dictionary)
        kept.records.append(record)
      }
    }
    return kept
  }
}

/// The stored form: equal histories have equal bytes.
///
/// All numbers are little-endian. 8 bytes `PRHISTO1`; the count of ids as a `UInt64`; how many rows
/// had each as a `UInt32`; the day when each was last seen as an `Int32`; then the ids as a
/// ``Vocabulary``.
extension VocabularyHistory {
  private static let magic = Array("PRHISTO1".utf8)

  /// The stored form, 8 bytes an id and those of a vocabulary.
  public var bytes: [UInt8] {
    var result = Self.magic
    let ids = Vocabulary(dictionary).bytes
    result.reserveCapacity(16 + 8 * count + ids.count)
    result.append(littleEndian: UInt64(count))
    for record in records { result.append(littleEndian: record.count) }
    for record in records { result.append(littleEndian: record.lastDay) }
    return result + ids
  }

  /// Reads the stored form.
  ///
  /// - Throws: ``VocabularyError`` where the bytes are truncated, too long, or name an id twice.
  public init(bytes: some Collection<UInt8>) throws(VocabularyError) {
    let bytes = Array(bytes)
    guard bytes.count >= 16, Array(bytes[..<8]) == Self.magic else {
      throw .damagedHistory("it doesn't start as one")
    }
    guard let count = Int(exactly: bytes.littleEndian(UInt64.self, at: 8)),
      count <= (bytes.count - 16) / 8
    else { throw .damagedHistory("its count of ids doesn't fit its length") }
    let vocabulary = try Vocabulary(bytes: bytes[(16 + 8 * count)...])
    guard vocabulary.count == count else {
      throw .damagedHistory("it has \(vocabulary.count) ids instead of \(count)")
    }
    dictionary = vocabulary.dictionary
    records = (0..<count).map { index in
      Record(
        count: bytes.littleEndian(UInt32.self, at: 16 + 4 * index),
        lastDay: bytes.littleEndian(Int32.self, at: 16 + 4 * (count + index)))
    }
  }
}

extension IDDictionary {
  /// The code of an id of another dictionary of the same kind, which gets the next one if it is new.
  package mutating func insert(_ code: Int32, of other: IDDictionary) -> Int32 {
    guard holdsTexts else { return insert(other.integers[Int(code)]) }
    return unsafe other.texts.bytes.withUnsafeBufferPointer { bytes in
      unsafe insert(UnsafeBufferPointer(rebasing: bytes[other.texts.range(Int(code))]))
    }
  }
}
