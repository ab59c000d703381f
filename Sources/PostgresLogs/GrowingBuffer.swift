/// Plain values in memory that grows as needed and is kept when emptied.
///
/// The decoder that holds it calls ``deallocate()``; a copy refers to the same memory.
@safe struct GrowingBuffer<Element: BitwiseCopyable> {
  private var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    unsafe base = .allocate(capacity: max(capacity, 16))
    self.capacity = max(capacity, 16)
  }

  func deallocate() { unsafe base.deallocate() }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append(_ value: Element) {
    if count == capacity { grow(by: 1) }
    unsafe base[count] = value
    count += 1
  }

  @inline(__always)
  mutating func append(from source: UnsafeRawPointer, count added: Int) {
    if count + added > capacity { grow(by: added) }
    unsafe UnsafeMutableRawPointer(base + count)
      .copyMemory(from: source, byteCount: added * MemoryLayout<Element>.stride)
    count += added
  }

  /// Drops values from the end while they equal `value`, down to `start`.
  mutating func removeTrailing(_ value: Element, downTo start: Int) where Element: Equatable {
    while count > start, unsafe base[count - 1] == value { count -= 1 }
  }

  /// A copy of the values.
  var array: [Element] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }

  @inline(never)
  private mutating func grow(by added: Int) {
    let larger = max(capacity * 2, count + added)
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    unsafe memory.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = memory
    capacity = larger
  }
}
