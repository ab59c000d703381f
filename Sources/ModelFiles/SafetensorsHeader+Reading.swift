/// Why a header isn't one.
struct HeaderProblem: Error {
  let reason: String
}

extension SafetensorsHeader {
  /// Reads the header of a file and holds it against the file's length.
  ///
  /// - Returns: The header and the number of bytes before the first tensor.
  static func read(
    _ bytes: UnsafeRawBufferPointer
  ) throws(HeaderProblem) -> (header: SafetensorsHeader, dataOffset: Int) {
    guard bytes.count >= 8 else { throw HeaderProblem(reason: "it is too short for a header") }
    let length = unsafe UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(longestHeader) else {
      throw HeaderProblem(reason: "its header claims \(length) bytes")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw HeaderProblem(reason: "it ends inside of its header")
    }
    let dataOffset = 8 + Int(length)
    var parser = unsafe HeaderParser(UnsafeRawBufferPointer(rebasing: bytes[8..<dataOffset]))
    let header = try parser.header()
    try header.check(dataCount: bytes.count - dataOffset)
    return (header, dataOffset)
  }

  /// Makes sure that the tensors cover the data once and have the size of their shapes.
  private func check(dataCount: Int) throws(HeaderProblem) {
    var end = 0
    for tensor in tensors {
      let name = tensor.description.name
      guard tensor.range.lowerBound == end else {
        throw HeaderProblem(
          reason: tensor.range.lowerBound < end
            ? "tensor \(name) overlaps another" : "there is a hole before tensor \(name)")
      }
      guard tensor.description.byteCount == tensor.range.count else {
        throw HeaderProblem(
          reason: "tensor \(name) has \(tensor.range.count) bytes, not its shape's")
      }
      end = tensor.range.upperBound
    }
    guard end == dataCount else {
      throw HeaderProblem(reason: "it has \(dataCount) bytes of tensors instead of \(end)")
    }
  }
}

/// Reads the JSON of a header, which is the only JSON that it accepts.
///
/// A general parser would keep one of two tensors of the same name, and say nothing.
private struct HeaderParser {
  private let text: [UInt8]
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe text = Array(bytes) }

  mutating func header() throws(HeaderProblem) -> SafetensorsHeader {
    // Only the very first byte may begin the header; spaces may follow it.
    guard text.first == UInt8(ascii: "{") else { throw problem("an object") }
    var tensors: [SafetensorsHeader.Tensor] = []
    var metadata: [String: String] = [:]
    try object { parser, key throws(HeaderProblem) in
      if key == SafetensorsHeader.metadataKey {
        try parser.object { parser, key throws(HeaderProblem) in
          metadata[key] = try parser.string()
        }
      } else {
        tensors.append(try parser.tensor(key))
      }
    }
    skipSpace()
    guard position == text.count else { throw problem("the end") }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    return SafetensorsHeader(tensors: tensors, metadata: metadata)
  }

  private mutating func tensor(
    _ name: String
  ) throws(HeaderProblem) -> SafetensorsHeader.Tensor {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key throws(HeaderProblem) in
      switch key {
      case "dtype": type = try parser.string()
      case "shape": shape = try parser.integers()
      case "data_offsets": offsets = try parser.integers()
      default: throw HeaderProblem(reason: "tensor \(name) has an unknown property \(key)")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw HeaderProblem(reason: "tensor \(name) lacks its dtype, shape or data_offsets")
    }
    guard let known = TensorType(rawValue: type) else {
      throw HeaderProblem(reason: "tensor \(name) has the type \(type), which can't be read here")
    }
    return SafetensorsHeader.Tensor(
      description: TensorDescription(name: name, type: known, shape: shape),
      range: offsets[0]..<offsets[1])
  }

  // MARK: JSON

  /// Reads an object, and calls `value` at the value of each key; no key may come twice.
  private mutating func object(
    _ value: (inout HeaderParser, String) throws(HeaderProblem) -> Void
  ) throws(HeaderProblem) {
    var keys: Set<String> = []
    try take("{")
    if takeIfNext("}") { return }
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else {
        throw HeaderProblem(reason: "its header names \(key) twice")
      }
      try take(":")
      try value(&self, key)
    } while takeIfNext(",")
    try take("}")
  }

  private mutating func integers() throws(HeaderProblem) -> [Int] {
    var result: [Int] = []
    try take("[")
    if takeIfNext("]") { return result }
    repeat { result.append(try integer()) } while takeIfNext(",")
    try take("]")
    return result
  }

  private mutating func integer() throws(HeaderProblem) -> Int {
    skipSpace()
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Int(digits), digits.count == 1 || digits.first != "0" else {
      throw problem("a length")
    }
    return value
  }

  private mutating func string() throws(HeaderProblem) -> String {
    try take("\"")
    var result: [UInt8] = []
    while position < text.count, text[position] >= 0x20 {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: result, as: UTF8.self) else {
          throw problem("UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): result += try escaped()
      default: result.append(byte)
      }
    }
    throw problem("the end of a text")
  }

  /// The character after a backslash, as UTF-8.
  private mutating func escaped() throws(HeaderProblem) -> [UInt8] {
    guard position < text.count else { throw problem("a character") }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try fourDigits()]
      if UTF16.isLeadSurrogate(units[0]), text[position...].starts(with: [0x5C, 0x75]) {
        position += 2
        units.append(try fourDigits())
      }
      guard let string = String(validating: units, as: UTF16.self) else {
        throw problem("a character")
      }
      return Array(string.utf8)
    default: throw problem("a character")
    }
  }

  private mutating func fourDigits() throws(HeaderProblem) -> UInt16 {
    let digits = String(decoding: text[position...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
      let value = UInt16(digits, radix: 16)
    else { throw problem("four digits") }
    position += 4
    return value
  }

  private mutating func take(_ character: Unicode.Scalar) throws(HeaderProblem) {
    guard takeIfNext(character) else { throw problem("\(character)") }
  }

  private mutating func takeIfNext(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
  }

  private func problem(_ expected: String) -> HeaderProblem {
    HeaderProblem(reason: "byte \(8 + position) of its header should be \(expected)")
  }
}
