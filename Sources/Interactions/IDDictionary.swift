/// Numbers ids in the order in which they are first seen: 0, 1, 2, ….
///
/// Open addressing with linear probing. A slot holds the upper half of the id's hash and the code
/// plus one, 0 where free, so that ids are compared only where 32 bits of their hashes agree, and
/// growing needs no id. At most half of the slots are taken.
///
/// - Complexity: O(1) a lookup; 8 bytes an integer or the text's bytes and 8 more, and 16 to 32
///   bytes of slots an id.
package struct IDDictionary: Sendable, Equatable {
  /// Whether the ids are texts; otherwise they are whole numbers.
  package let holdsTexts: Bool
  /// The ids in the order of their codes, where they are whole numbers.
  package private(set) var integers: [Int64] = []
  /// The ids in the order of their codes, where they are texts.
  package private(set) var texts = TextColumn()
  private var slots: [UInt64]

  package init(holdsTexts: Bool, minimumCapacity: Int = 0) {
    self.holdsTexts = holdsTexts
    var slotCount = 256
    while slotCount < 2 * minimumCapacity { slotCount *= 2 }
    slots = [UInt64](repeating: 0, count: slotCount)
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.holdsTexts == b.holdsTexts && a.integers == b.integers && a.texts == b.texts
  }

  package var count: Int { holdsTexts ? texts.count : integers.count }

  /// The code of an integer, which gets the next one if it is new.
  @inline(__always)
  package mutating func insert(_ id: Int64) -> Int32 {
    let tag = StableHash.integer(id) >> 32
    switch find(id, tag) {
    case .code(let code): return code
    case .free(let position):
      integers.append(id)
      return take(position, tag)
    }
  }

  /// The code of a text, the bytes `range` of `bytes`, which gets the next one if it is new.
  @inline(__always)
  package mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let tag = unsafe StableHash.bytes(UnsafeRawBufferPointer(bytes)) >> 32
    switch unsafe find(bytes, tag) {
    case .code(let code): return code
    case .free(let position):
      unsafe texts.append(bytes)
      return take(position, tag)
    }
  }

  /// The codes of integers in their order, which get the next ones where new; -1 where missing.
  package mutating func insert(_ ids: [Int64], isMissing: [Bool]) -> [Int32] {
    precondition(ids.count == isMissing.count, "\(ids.count) ids, \(isMissing.count) flags")
    var codes = [Int32](repeating: -1, count: ids.count)
    var found = [UInt64](repeating: 0, count: Self.blockSize)
    var others = [Int64](repeating: 0, count: Self.blockSize)
    for first in stride(from: 0, to: ids.count, by: Self.blockSize) {
      let count = min(Self.blockSize, ids.count - first)
      let mask = slots.count - 1
      for index in 0..<count {
        let tag = StableHash.integer(ids[first + index]) >> 32
        found[index] = slots[Int(truncatingIfNeeded: tag) & mask]
      }
      if !integers.isEmpty {
        for index in 0..<count {
          // The code 0 stands in for that of a free slot.
          others[index] = integers[max(Int(found[index] & 0xFFFF_FFFF), 1) - 1]
        }
      }
      for index in 0..<count where !isMissing[first + index] {
        let id = ids[first + index]
        codes[first + index] =
          found[index] != 0 && others[index] == id
          ? Int32(truncatingIfNeeded: found[index] & 0xFFFF_FFFF) - 1 : insert(id)
      }
    }
    return codes
  }

  /// The codes of texts in their order, which get the next ones where new; -1 where missing.
  package mutating func insert(_ ids: TextColumn, isMissing: [Bool]) -> [Int32] {
    precondition(ids.count == isMissing.count, "\(ids.count) ids, \(isMissing.count) flags")
    var codes = [Int32](repeating: -1, count: ids.count)
    unsafe ids.bytes.withUnsafeBufferPointer { bytes in
      for row in 0..<ids.count where !isMissing[row] {
        codes[row] = unsafe insert(UnsafeBufferPointer(rebasing: bytes[ids.range(row)]))
      }
    }
    return codes
  }

  /// The codes of a vocabulary's ids in their order, which get the next ones where new.
  package mutating func insert(_ vocabulary: Vocabulary) -> [Int32] {
    let isMissing = [Bool](repeating: false, count: vocabulary.count)
    return holdsTexts
      ? insert(vocabulary.dictionary.texts, isMissing: isMissing)
      : insert(vocabulary.dictionary.integers, isMissing: isMissing)
  }

  /// So many ids' slots are read before the first of them is compared: such reads don't wait for
  /// each other, as those of one look-up after the other do.
  private static let blockSize = 256

  /// The code of an integer; nil where it was never inserted.
  package func code(of id: Int64) -> Int32? {
    if case .code(let code) = find(id, StableHash.integer(id) >> 32) { code } else { nil }
  }

  /// The code of a text; nil where it was never inserted.
  package func code(of bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    let tag = unsafe StableHash.bytes(UnsafeRawBufferPointer(bytes)) >> 32
    if case .code(let code) = unsafe find(bytes, tag) { return code } else { return nil }
  }

  private enum Place {
    case code(Int32)
    case free(Int)
  }

  @inline(__always)
  private func find(_ id: Int64, _ tag: UInt64) -> Place {
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: tag) & mask
    while true {
      let slot = slots[position]
      if slot == 0 { return .free(position) }
      if slot >> 32 == tag {
        let code = Int(slot & 0xFFFF_FFFF) - 1
        if integers[code] == id { return .code(Int32(truncatingIfNeeded: code)) }
      }
      position = (position + 1) & mask
    }
  }

  @inline(__always)
  private func find(_ bytes: UnsafeBufferPointer<UInt8>, _ tag: UInt64) -> Place {
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: tag) & mask
    while true {
      let slot = slots[position]
      if slot == 0 { return .free(position) }
      if slot >> 32 == tag {
        let code = Int(slot & 0xFFFF_FFFF) - 1
        if unsafe texts.holds(bytes, at: code) { return .code(Int32(truncatingIfNeeded: code)) }
      }
      position = (position + 1) & mask
    }
  }

  /// Gives the id just added the free slot at `position`.
  private mutating func take(_ position: Int, _ tag: UInt64) -> Int32 {
    let code = count - 1
    precondition(code < Int32.max, "a dictionary can't hold more than \(Int32.max) ids")
    slots[position] = tag << 32 | UInt64(code + 1)
    if 2 * count > slots.count { grow() }
    return Int32(code)
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: 2 * slots.count)
    let mask = larger.count - 1
    for slot in slots where slot != 0 {
      var position = Int(truncatingIfNeeded: slot >> 32) & mask
      while larger[position] != 0 { position = (position + 1) & mask }
      larger[position] = slot
    }
    slots = larger
  }
}

extension TextColumn {
  /// Whether text `index` is `other`.
  @inline(__always)
  fileprivate func holds(_ other: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let range = range(index)
    guard range.count == other.count else { return false }
    for offset in 0..<range.count where unsafe bytes[range.lowerBound + offset] != other[offset] {
      return false
    }
    return true
  }
}
