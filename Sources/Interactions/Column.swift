/// A read-only array of plain values in memory that somebody else owns: a mapped file or an array.
///
/// A column is cheap to copy, keeps its memory alive, and is safe to read from several threads.
@safe public struct Column<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  // Sendable, because the memory is never written while a column refers to it.
  let owner: AnyObject
  private let base: UnsafePointer<Element>
  public let count: Int

  /// Creates a column over `count` values at `base`, memory that `owner` keeps alive and unchanged.
  public init(owner: AnyObject, base: UnsafePointer<Element>, count: Int) {
    self.owner = owner
    unsafe self.base = base
    self.count = count
  }

  /// Creates a column that holds a copy of `values`.
  public init(_ values: [Element]) {
    let copy = OwnedValues(values)
    unsafe self.init(owner: copy, base: UnsafePointer(copy.base), count: values.count)
  }

  public subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "no value \(index) in a column of \(count)")
    return unsafe base[index]
  }

  /// Calls `body` with the values as one buffer.
  public func withUnsafeBuffer<R, E: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    defer { withExtendedLifetime(owner) {} }
    return try unsafe body(UnsafeBufferPointer(start: base, count: count))
  }
}

/// Memory for a column made from an array.
@safe private final class OwnedValues<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>

  init(_ values: [Element]) {
    unsafe base = .allocate(capacity: max(values.count, 1))
    unsafe values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress {
        unsafe base.initialize(from: start, count: source.count)
      }
    }
  }

  deinit { unsafe base.deallocate() }
}
