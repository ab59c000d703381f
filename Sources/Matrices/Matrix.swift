/// A view of floats in rows and columns; copies of a view share their ``FloatStorage``.
///
/// Element `(r, c)` lies `r * stride + c` floats after the view's first. A view keeps its storage
/// alive. Who hands views to several threads makes sure that no two of them write the same element.
public struct Matrix: Sendable {
  /// Where the elements lie.
  public let storage: FloatStorage
  /// The first element's place in the storage.
  public let offset: Int
  public let rows: Int
  public let columns: Int
  /// Floats from one row to the next, at least ``columns``.
  public let stride: Int

  /// Creates a matrix of zeros; `stride` defaults to the columns rounded up to a cache line.
  public init(rows: Int, columns: Int, stride: Int? = nil) {
    let stride = stride ?? Matrix.paddedStride(columns)
    self.init(
      storage: FloatStorage(count: rows * stride), offset: 0, rows: rows, columns: columns,
      stride: stride)
  }

  /// Creates a view of a part of `storage`.
  public init(storage: FloatStorage, offset: Int, rows: Int, columns: Int, stride: Int) {
    precondition(
      rows >= 0 && columns >= 0 && stride >= columns && offset >= 0,
      "\(rows)×\(columns) by \(stride) at \(offset)")
    precondition(
      rows == 0 || columns == 0 || offset + (rows - 1) * stride + columns <= storage.count,
      "a view of \(rows)×\(columns) by \(stride) at \(offset) leaves its storage")
    self.storage = storage
    // Where nothing is, the place behind a strided view's last row may lie outside.
    self.offset = rows == 0 || columns == 0 ? min(offset, storage.count) : offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// `columns` rounded up to whole cache lines of 16 floats; narrow matrices stay dense.
  public static func paddedStride(_ columns: Int) -> Int {
    columns < 16 ? columns : (columns + 15) / 16 * 16
  }

  /// The given rows, all columns.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return Matrix(
      storage: storage, offset: offset + range.lowerBound * stride, rows: range.count,
      columns: columns, stride: stride)
  }

  /// The given columns, all rows.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    return Matrix(
      storage: storage, offset: offset + range.lowerBound, rows: rows, columns: range.count,
      stride: stride)
  }

  /// One element, for code outside hot loops.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return storage[offset + row * stride + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      storage[offset + row * stride + column] = newValue
    }
  }

  /// The address of the first element, for the kernels; the extent was checked when the view was made.
  package var base: UnsafeMutablePointer<Float> { unsafe storage.pointer(at: offset, count: 0) }

  /// Calls `body` with a matrix of one dense column as a span.
  public func withColumn<R>(_ body: (Span<Float>) -> R) -> R {
    precondition(columns == 1 && stride == 1, "a column of stride \(stride)")
    return unsafe body(Span(_unsafeStart: base, count: rows))
  }

  /// Calls `body` with a matrix of one dense column as a span to write.
  public func withMutableColumn<R>(_ body: (inout MutableSpan<Float>) -> R) -> R {
    precondition(columns == 1 && stride == 1, "a column of stride \(stride)")
    var span = unsafe MutableSpan(_unsafeStart: base, count: rows)
    return body(&span)
  }

  /// Whether every element is a finite number.
  public var isFinite: Bool {
    for row in 0..<rows {
      let values = unsafe UnsafeBufferPointer(start: base + row * stride, count: columns)
      guard unsafe values.allSatisfy(\.isFinite) else { return false }
    }
    return true
  }

  /// Sets every element to zero.
  public func clear() {
    if stride == columns {
      unsafe base.update(repeating: 0, count: rows * columns)
    } else {
      for row in 0..<rows { unsafe (base + row * stride).update(repeating: 0, count: columns) }
    }
  }
}
