import Glibc

/// Plain values with one owner: aligned for vector instructions, zero at first, freed with the last
/// view.
///
/// Large storages come straight from the system in huge pages where it has them, because embedding
/// tables are read at random and would otherwise miss the address cache on every row.
@safe public final class Storage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  // Sendable, because those who share a storage between threads write disjoint parts of it.
  public let count: Int
  private let base: UnsafeMutablePointer<Element>
  private let mappedBytes: Int

  private static var hugePage: Int { 2 << 20 }

  /// Creates `count` zeros; traps where the system has no memory left.
  public init(count: Int) {
    precondition(count >= 0, "a storage can't hold \(count) values")
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let memory: UnsafeMutableRawPointer
    if bytes >= Self.hugePage {
      mappedBytes = (bytes + Self.hugePage - 1) / Self.hugePage * Self.hugePage
      let pages = unsafe mmap(
        nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
        fatalError("no memory for \(bytes) bytes")
      }
      _ = unsafe madvise(pages, mappedBytes, MADV_HUGEPAGE)
      unsafe memory = pages
    } else {
      mappedBytes = 0
      unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }
    unsafe base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  deinit {
    if mappedBytes > 0 { unsafe munmap(base, mappedBytes) } else { unsafe base.deallocate() }
  }

  /// The address of element `offset`, of which `count` follow; for the inner loops.
  ///
  /// The storage must outlive the use of the address.
  public func pointer(at offset: Int, count: Int) -> UnsafeMutablePointer<Element> {
    precondition(
      offset >= 0 && count >= 0 && offset + count <= self.count,
      "elements \(offset)..<\(offset + count) of \(self.count)")
    return unsafe base + offset
  }

  /// Copies elements of another storage to `offset` and after.
  public func copy(_ range: Range<Int>, of other: Storage, to offset: Int) {
    unsafe pointer(at: offset, count: range.count)
      .update(
        from: other.pointer(at: range.lowerBound, count: range.count), count: range.count)
  }

  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "no element \(index) in a storage of \(count)")
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count, "no element \(index) in a storage of \(count)")
      unsafe base[index] = newValue
    }
  }
}

/// Floats with one owner.
public typealias FloatStorage = Storage<Float>
/// Row numbers of embedding tables, with one owner.
public typealias IndexStorage = Storage<Int32>
