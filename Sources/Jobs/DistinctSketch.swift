import Foundation

/// About how many different values a column has.
///
/// Each hash sets one of 1,024 bits, and the share of bits that stay zero tells the number of hashes:
/// Whang, Vander-Zanden, Taylor: *A Linear-Time Probabilistic Counting Algorithm for Database
/// Applications*, ACM TODS 15 (2), 1990, section 3. Where too few bits stay, the answer comes from a
/// bitmap of every 16th hash, every 256th or every 4,096th; a departure that keeps the standard error
/// near 8 % up to ten million values.
struct DistinctSketch {
  private static let bitCount = 1_024
  private static let shares = [1, 16, 256, 4_096]
  /// Zero bits of each bitmap, nil where it has no hash.
  private let zeros: [Int?]

  static var bitmapCount: Int { shares.count }

  init() { zeros = [] }

  /// Takes the bitmaps in PostgreSQL's text form.
  init(_ bitmaps: [String?]) { zeros = bitmaps.map { $0.map { $0.utf8.count { $0 == 0x30 } } } }

  /// The aggregates that make the bitmaps of a 64-bit hash.
  static func aggregates(of hash: String) -> [String] {
    let bit = "bit_or(set_bit(B'0'::bit(\(bitCount)), (\(hash) & \(bitCount - 1))::int4, 1))"
    var shift = 0
    return shares.map { share in
      // Each filter looks at bits that neither the slot nor another filter uses.
      shift += share == 1 ? bitCount.trailingZeroBitCount : 12
      return share == 1 ? bit : "\(bit) FILTER (WHERE (\(hash) >> \(shift)) & \(share - 1) = 0)"
    }
  }

  var estimate: Int {
    for (zeros, share) in zip(zeros, Self.shares) {
      guard let zeros else { return 0 }
      // Up to 92 % of the bits, the estimate's own error stays below that of taking a share.
      if zeros * 12 >= Self.bitCount || share == Self.shares.last {
        let load = -log(Double(max(zeros, 1)) / Double(Self.bitCount))
        return Int((load * Double(Self.bitCount) * Double(share)).rounded())
      }
    }
    return 0
  }
}
