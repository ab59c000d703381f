/// The SHA-256 checksum of bytes that arrive in pieces.
///
/// National Institute of Standards and Technology: *Secure Hash Standard*, FIPS 180-4, 2015,
/// section 6.2. <https://doi.org/10.6028/NIST.FIPS.180-4>
public struct SHA256: Sendable {
  /// H⁽⁰⁾, the fractional parts of the square roots of the first eight primes.
  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// Bytes of the block that isn't full yet, fewer than 64 between calls.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  private static let blockSize = 64

  /// A checksum of nothing so far.
  public init() { pending.reserveCapacity(Self.blockSize) }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var rest = unsafe bytes
    if !pending.isEmpty {
      let count = min(Self.blockSize - pending.count, rest.count)
      unsafe pending.append(contentsOf: rest[..<count])
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      guard pending.count == Self.blockSize else { return }
      let block = pending
      unsafe block.withUnsafeBytes { unsafe compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.blockSize * Self.blockSize
    unsafe compress(UnsafeRawBufferPointer(rebasing: rest[..<whole]))
    unsafe pending.append(contentsOf: rest[whole...])
  }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  /// The checksum of all bytes so far, 64 hexadecimal digits in lower case.
  public var hexadecimal: String {
    var copy = self
    let bits = byteCount &* 8
    let zeros = (2 * Self.blockSize - 9 - pending.count) % Self.blockSize
    copy.update([0x80] + [UInt8](repeating: 0, count: zeros))
    copy.update((0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) })
    return (0..<8).map { index in
      let digits = String(copy.state[index], radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The checksum of `bytes`.
  public static func hexadecimal(of bytes: [UInt8]) -> String {
    var sum = SHA256()
    sum.update(bytes)
    return sum.hexadecimal
  }

  /// Section 6.2.2, for each of the whole blocks in `bytes`.
  ///
  /// The variables a…h keep their places and change their names from round to round instead of
  /// being moved, so eight rounds are written out.
  private mutating func compress(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    var state = self.state
    unsafe roundConstants.withUnsafeBufferPointer { constants in
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
        for block in 0..<bytes.count / Self.blockSize {
          unsafe expand(base + block * Self.blockSize, into: schedule)
          var (a, b, c, d) = (state[0], state[1], state[2], state[3])
          var (e, f, g, h) = (state[4], state[5], state[6], state[7])
          var t = 0
          while t < 64 {
            unsafe round(a, b, c, &d, e, f, g, &h, constants[t] &+ schedule[t])
            unsafe round(h, a, b, &c, d, e, f, &g, constants[t + 1] &+ schedule[t + 1])
            unsafe round(g, h, a, &b, c, d, e, &f, constants[t + 2] &+ schedule[t + 2])
            unsafe round(f, g, h, &a, b, c, d, &e, constants[t + 3] &+ schedule[t + 3])
            unsafe round(e, f, g, &h, a, b, c, &d, constants[t + 4] &+ schedule[t + 4])
            unsafe round(d, e, f, &g, h, a, b, &c, constants[t + 5] &+ schedule[t + 5])
            unsafe round(c, d, e, &f, g, h, a, &b, constants[t + 6] &+ schedule[t + 6])
            unsafe round(b, c, d, &e, f, g, h, &a, constants[t + 7] &+ schedule[t + 7])
            t += 8
          }
          state &+= SIMD8(a, b, c, d, e, f, g, h)
        }
      }
    }
    self.state = state
  }
}

/// One round: T₁ goes into `d` and T₁ + T₂ into `h`.
@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
  _ h: inout UInt32, _ addend: UInt32
) {
  let choice = g ^ (e & (f ^ g))
  let majority = (a & b) | (c & (a | b))
  let first =
    h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ addend
  d = d &+ first
  h = first &+ (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
}

/// The message schedule W of one block.
@inline(__always)
private func expand(_ block: UnsafeRawPointer, into schedule: UnsafeMutableBufferPointer<UInt32>) {
  for t in 0..<16 {
    unsafe schedule[t] = UInt32(
      bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self))
  }
  for t in 16..<64 {
    let (near, far) = unsafe (schedule[t - 2], schedule[t - 15])
    let nearSigma = rotate(near, 17) ^ rotate(near, 19) ^ (near >> 10)
    let farSigma = rotate(far, 7) ^ rotate(far, 18) ^ (far >> 3)
    unsafe schedule[t] = nearSigma &+ schedule[t - 7] &+ farSigma &+ schedule[t - 16]
  }
}

@inline(__always)
private func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
  (value &>> count) | (value &<< (32 &- count))
}

/// K, the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
private let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
