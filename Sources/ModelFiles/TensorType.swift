/// What a tensor of a safetensors file is made of.
public enum TensorType: String, Sendable, CaseIterable {
  case float32 = "F32"
  case float64 = "F64"
  case int32 = "I32"
  case int64 = "I64"
  case uint8 = "U8"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .uint8: 1
    }
  }
}

/// A Swift type that is the element of a ``TensorType``.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// What files call the type.
  static var tensorType: TensorType { get }
}

extension Float: TensorElement {
  public static var tensorType: TensorType { .float32 }
}
extension Double: TensorElement {
  public static var tensorType: TensorType { .float64 }
}
extension Int32: TensorElement {
  public static var tensorType: TensorType { .int32 }
}
extension Int64: TensorElement {
  public static var tensorType: TensorType { .int64 }
}
extension UInt8: TensorElement {
  public static var tensorType: TensorType { .uint8 }
}

/// The name, element type and shape of a tensor.
public struct TensorDescription: Sendable, Equatable {
  /// What the tensor is called in its file.
  public let name: String
  /// The type of its elements.
  public let type: TensorType
  /// Lengths, slowest index first; a tensor without any is a single number.
  public let shape: [Int]

  /// Describes a tensor of the given extents, row-major.
  public init(name: String, type: TensorType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  /// Bytes of all elements; nil where that is more than a number can hold, or a length is negative.
  var byteCount: Int? {
    var count = type.size
    for length in shape {
      guard length >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}
