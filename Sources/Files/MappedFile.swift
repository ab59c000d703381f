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

  deinit {
    guard let start = unsafe bytes.baseAddress else { return }
    unsafe munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
  }
}
