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
    unsafe self.init(count: values.count) { target in
      _ = unsafe target.initialize(fromContentsOf: values)
    }
  }

  /// Creates a column of `count` values, each of which `initialize` puts into its place.
  init(count: Int, initialize: (UnsafeMutableBufferPointer<Element>) -> Void) {
    let values = OwnedValues<Element>(count: count)
    unsafe initialize(UnsafeMutableBufferPointer(start: values.base, count: count))
    unsafe self.init(owner: values, base: UnsafePointer(values.base), count: count)
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

/// Memory of a column's own.
@safe private final class OwnedValues<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>

  init(count: Int) { unsafe base = .allocate(capacity: max(count, 1)) }

  deinit { unsafe base.deallocate() }
}
