// Numbers in stored forms.

extension [UInt8] {
  /// Adds a number, its lowest byte first.
  mutating func append(littleEndian value: some FixedWidthInteger & BitwiseCopyable) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// The number whose lowest byte is at `offset`.
  func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    unsafe withUnsafeBytes { bytes in
      unsafe T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
  }
}
