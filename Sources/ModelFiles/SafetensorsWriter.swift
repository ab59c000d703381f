public import Interactions
public import Matrices

/// Writes named tensors to a file that every safetensors reader opens.
///
/// Tensors are named first and copied nowhere: the file is written from where they lie.
public struct SafetensorsWriter: Sendable {
  private var tensors: [(description: TensorDescription, source: any TensorSource)] = []
  private var names: Set<String> = [SafetensorsHeader.metadataKey]
  private let metadata: [String: String]

  /// Creates a file without tensors; `metadata` is what it says about itself.
  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// Adds a matrix, row by row where it is a strided view.
  ///
  /// - Parameters:
  ///   - name: Its name, which no other tensor has.
  ///   - shape: Lengths whose product is the number of elements; nil stands for
  ///     `[rows, columns]`.
  ///   - matrix: Its numbers, read when the file is written.
  /// - Throws: ``ModelFileError/badName(_:reason:)`` where the name is taken.
  public mutating func add(
    _ name: String, shape: [Int]? = nil, _ matrix: Matrix
  ) throws(ModelFileError) {
    let shape = shape ?? [matrix.rows, matrix.columns]
    try add(
      TensorDescription(name: name, type: .float32, shape: shape),
      count: matrix.rows * matrix.columns, matrix)
  }

  /// Adds numbers that lie one after another.
  ///
  /// - Parameters:
  ///   - name: Its name, which no other tensor has.
  ///   - shape: Lengths whose product is the number of elements; nil stands for `[count]`.
  ///   - column: Its numbers.
  /// - Throws: ``ModelFileError/badName(_:reason:)`` where the name is taken.
  public mutating func add<Element: TensorElement>(
    _ name: String, shape: [Int]? = nil, _ column: Column<Element>
  ) throws(ModelFileError) {
    try add(
      TensorDescription(name: name, type: Element.tensorType, shape: shape ?? [column.count]),
      count: column.count, column)
  }

  /// Writes the file, which appears under its name when it is complete and on the disk.
  ///
  /// - Throws: ``ModelFileError``; then what was at `path` is as it was.
  public func write(to path: String) throws(ModelFileError) {
    // Larger elements first, so that each tensor begins at a multiple of its element's size.
    let ordered = [8, 4, 1].flatMap { size in tensors.filter { $0.description.type.size == size } }
    var header = SafetensorsHeader(tensors: [], metadata: metadata)
    var offset = 0
    for (description, _) in ordered {
      let end = offset + (description.byteCount ?? 0)
      header.tensors.append(.init(description: description, range: offset..<end))
      offset = end
    }
    let file = try OutputFile(replacing: path)
    try file.append(header.encoded())
    for (_, source) in ordered { try source.write(to: file) }
    try file.finish()
  }

  private mutating func add(
    _ description: TensorDescription, count: Int, _ source: any TensorSource
  ) throws(ModelFileError) {
    precondition(
      description.byteCount == count * description.type.size,
      "\(count) elements for the shape \(description.shape)")
    guard names.insert(description.name).inserted else {
      throw .badName(description.name, reason: "two tensors would have it")
    }
    tensors.append((description, source))
  }
}

/// Something that can put a tensor's bytes into a file, row-major.
private protocol TensorSource: Sendable {
  func write(to file: OutputFile) throws(ModelFileError)
}

extension Matrix: TensorSource {
  fileprivate func write(to file: OutputFile) throws(ModelFileError) {
    guard rows > 0, columns > 0 else { return }
    // Dense rows are one long row.
    let (runs, length) = stride == columns ? (1, rows * columns) : (rows, columns)
    for run in 0..<runs {
      let values = unsafe UnsafeBufferPointer(
        start: storage.pointer(at: offset + run * stride, count: length), count: length)
      try unsafe file.append(UnsafeRawBufferPointer(values))
    }
  }
}

extension Column: TensorSource where Element: TensorElement {
  fileprivate func write(to file: OutputFile) throws(ModelFileError) {
    let bytes = unsafe withUnsafeBuffer { UnsafeRawBufferPointer($0) }
    defer { withExtendedLifetime(self) {} }
    try unsafe file.append(bytes)
  }
}
