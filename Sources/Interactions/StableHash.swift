internal import Randomness

/// Hashes that give the same numbers on every machine, in every run and in every version.
///
/// Models depend on them (hashed embedding tables) and so do files (checksums): never change them.
package enum StableHash {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of a whole number: the first number that ``SplitMix64`` gives for it as a seed.
  @inline(__always)
  package static func integer(_ value: Int64) -> UInt64 {
    SplitMix64.mixed(UInt64(bitPattern: value) &+ SplitMix64.increment)
  }

  /// XXH64 of `bytes`.
  ///
  /// Collet: *xxHash fast digest algorithm*, version 0.1.1.
  /// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>
  package static func bytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var hash: UInt64
    var offset = 0
    let count = bytes.count
    if count >= 32 {
      var lanes = (
        seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1
      )
      while offset + 32 <= count {
        lanes.0 = unsafe round(lanes.0, word(bytes, offset))
        lanes.1 = unsafe round(lanes.1, word(bytes, offset + 8))
        lanes.2 = unsafe round(lanes.2, word(bytes, offset + 16))
        lanes.3 = unsafe round(lanes.3, word(bytes, offset + 24))
        offset += 32
      }
      hash = rotated(lanes.0, 1) &+ rotated(lanes.1, 7)
      hash = hash &+ rotated(lanes.2, 12) &+ rotated(lanes.3, 18)
      hash = merged(merged(merged(merged(hash, lanes.0), lanes.1), lanes.2), lanes.3)
    } else {
      hash = seed &+ prime5
    }
    hash = hash &+ UInt64(count)
    while offset + 8 <= count {
      hash = unsafe rotated(hash ^ round(0, word(bytes, offset)), 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= count {
      let half = unsafe UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotated(hash ^ (UInt64(half) &* prime1), 23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < count {
      hash = unsafe rotated(hash ^ (UInt64(bytes[offset]) &* prime5), 11) &* prime1
      offset += 1
    }
    hash = (hash ^ (hash >> 33)) &* prime2
    hash = (hash ^ (hash >> 29)) &* prime3
    return hash ^ (hash >> 32)
  }

  /// XXH64 of a part of an array.
  package static func bytes(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe self.bytes(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// The row in `1..<rowCount` that a hashed id has in a table of `rowCount` rows, at least 2.
  @inline(__always)
  package static func row(_ hash: UInt64, of rowCount: Int) -> Int32 {
    Int32(truncatingIfNeeded: 1 + hash.multipliedFullWidth(by: UInt64(rowCount - 1)).high)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    (value &<< count) | (value &>> (64 &- count))
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* prime1 &+ prime4
  }
}
