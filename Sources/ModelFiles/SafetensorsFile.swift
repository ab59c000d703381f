import Files
public import Interactions
public import Matrices

/// A safetensors file, mapped into memory and read where it lies.
public struct SafetensorsFile: Sendable {
  /// Where the file was opened.
  public let path: String
  /// The tensors in the order of their bytes.
  public let tensors: [TensorDescription]
  /// What the file says about itself.
  public let metadata: [String: String]
  private let file: MappedFile
  private let dataOffset: Int
  /// Where each tensor's bytes lie, by name.
  private let entries: [String: SafetensorsHeader.Tensor]

  /// Opens a file and checks its header in full; the tensors' numbers stay unread.
  ///
  /// - Throws: ``ModelFileError/absent(_:)``, or ``ModelFileError/damaged(_:reason:)`` where the
  ///   header isn't one, or doesn't describe each byte after it once.
  public init(opening path: String) throws(ModelFileError) {
    self.path = path
    file = try mapped(path)
    let header: SafetensorsHeader
    do { (header, dataOffset) = try unsafe SafetensorsHeader.read(file.bytes) } catch {
      throw .damaged(path, reason: error.reason)
    }
    tensors = header.tensors.map(\.description)
    metadata = header.metadata
    entries = Dictionary(uniqueKeysWithValues: header.tensors.map { ($0.description.name, $0) })
  }

  /// The tensor of that name; nil where there is none.
  public func tensor(_ name: String) -> TensorDescription? { entries[name]?.description }

  /// Copies a tensor of `F32` into a matrix of its shape, strided or not.
  ///
  /// A matrix of one row also takes a tensor of shape `[columns]`.
  ///
  /// - Throws: ``ModelFileError/mismatch(_:tensor:reason:)`` where there is none, or it differs.
  public func copy(_ name: String, into matrix: Matrix) throws(ModelFileError) {
    let entry = try checked(name, type: .float32, shape: [matrix.rows, matrix.columns])
    guard matrix.columns > 0, let base = unsafe file.bytes.baseAddress else { return }
    let source = unsafe base + dataOffset + entry.range.lowerBound
    let length = matrix.columns * MemoryLayout<Float>.stride
    for row in 0..<matrix.rows {
      let target = unsafe matrix.storage.pointer(
        at: matrix.offset + row * matrix.stride, count: matrix.columns)
      unsafe UnsafeMutableRawPointer(target).copyMemory(
        from: source + row * length, byteCount: length)
    }
  }

  /// The numbers of a tensor, in place where they are aligned, else copied.
  ///
  /// - Throws: ``ModelFileError/mismatch(_:tensor:reason:)`` where there is none, or it holds
  ///   others.
  public func column<Element: TensorElement>(
    _ name: String, of type: Element.Type = Element.self
  ) throws(ModelFileError) -> Column<Element> {
    let entry = try checked(name, type: type.tensorType, shape: nil)
    let count = entry.range.count / MemoryLayout<Element>.stride
    guard count > 0, let base = unsafe file.bytes.baseAddress else { return Column([]) }
    let start = unsafe base + dataOffset + entry.range.lowerBound
    guard Int(bitPattern: start) % MemoryLayout<Element>.alignment == 0 else {
      return Column(
        (0..<count).map {
          unsafe start.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Element>.stride, as: type)
        })
    }
    return unsafe Column(
      owner: file, base: start.bindMemory(to: type, capacity: count), count: count)
  }

  /// Makes sure that there is a tensor of the given type and shape; any shape where nil.
  @discardableResult
  func checked(
    _ name: String, type: TensorType, shape: [Int]?
  ) throws(ModelFileError) -> SafetensorsHeader.Tensor {
    guard let entry = entries[name] else {
      throw .mismatch(path, tensor: name, reason: "is missing")
    }
    let found = entry.description
    guard found.type == type else {
      throw .mismatch(
        path, tensor: name, reason: "holds \(found.type.rawValue), not \(type.rawValue)")
    }
    guard let shape else { return entry }
    let isRow = shape.count == 2 && shape[0] == 1 && found.shape == [shape[1]]
    guard found.shape == shape || isRow else {
      throw .mismatch(path, tensor: name, reason: "has the shape \(found.shape), not \(shape)")
    }
    return entry
  }
}

/// The bytes of the file at `path`.
func mapped(_ path: String) throws(ModelFileError) -> MappedFile {
  do { return try MappedFile(path) } catch { throw ModelFileError(error, path) }
}
