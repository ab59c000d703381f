import Glibc

/// A file's bytes in memory, read only when touched.
@safe package final class MappedFile: Sendable {
  // Sendable, because the memory is never written.
  package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`; whoever replaces it leaves these bytes as they are.
  package init(_ path: String) throws(FileProblem) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .last }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    let count = Int(status.st_size)
    guard count > 0 else {
      unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0),
      unsafe start != MAP_FAILED
    else { throw .last }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Gives back the memory behind some of the bytes, and the rest of their pages; reading them
  /// fills it again from the file.
  package func dropPages(of bytes: UnsafeRawBufferPointer) { unsafe advise(MADV_DONTNEED, bytes) }

  /// Has the system fetch the file's part behind some of the bytes, without waiting for it.
  package func expectReading(of bytes: UnsafeRawBufferPointer) {
    unsafe advise(MADV_WILLNEED, bytes)
  }

  /// Advice is taken or not: nothing depends on it but speed and memory.
  private func advise(_ advice: Int32, _ part: UnsafeRawBufferPointer) {
    guard let start = unsafe bytes.baseAddress, let first = part.baseAddress else { return }
    let offset = unsafe first - start
    precondition(unsafe offset >= 0 && offset + part.count <= bytes.count, "bytes of another file")
    // Mappings and advice begin at pages.
    let lead = offset % Int(getpagesize())
    let begin = unsafe UnsafeMutableRawPointer(mutating: first - lead)
    _ = unsafe madvise(begin, part.count + lead, advice)
  }

  deinit {
    guard let start = unsafe bytes.baseAddress else { return }
    unsafe munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
  }
}
