/// The description at the start of a safetensors file: what tensors there are, and where.
///
/// A file is the header's length as a 64-bit little-endian number, the header, and the tensors'
/// bytes, row-major and little-endian, without holes. The header is a JSON object: for each tensor
/// its `dtype`, `shape` and `data_offsets`, counted from the header's end, and under `__metadata__`
/// a map of strings. <https://huggingface.co/docs/safetensors>
struct SafetensorsHeader {
  struct Tensor: Equatable {
    var description: TensorDescription
    /// Where its bytes lie, counted from the header's end.
    var range: Range<Int>
  }

  /// In the order of their bytes.
  var tensors: [Tensor]
  var metadata: [String: String]

  static let metadataKey = "__metadata__"
  /// Longer headers are refused, as other readers do.
  static let longestHeader = 100_000_000
  /// Bytes begin at a multiple of this, so that mapped tensors are aligned.
  private static let alignment = 64

  /// The first bytes of a file with this header.
  func encoded() -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      entries.append("\(quoted(Self.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    for tensor in tensors {
      let shape = tensor.description.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.description.name)):{\"dtype\":\"\(tensor.description.type.rawValue)\","
          + "\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(tensor.range.lowerBound),\(tensor.range.upperBound)]}")
    }
    var json = Array("{\(entries.joined(separator: ","))}".utf8)
    json += [UInt8](repeating: 0x20, count: -(8 + json.count) & (Self.alignment - 1))
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }
}

/// A text as JSON.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
