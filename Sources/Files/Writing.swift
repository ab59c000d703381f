import Glibc

/// Writes all bytes to an open file: at `place`, or, where nil, at its current end.
package func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at place: Int? = nil
) throws(FileProblem) {
  var offset = 0
  while offset < bytes.count {
    let start = unsafe bytes.baseAddress.map { unsafe $0 + offset }
    let count = bytes.count - offset
    let written =
      if let place {
        unsafe pwrite(descriptor, start, count, place + offset)
      } else {
        unsafe write(descriptor, start, count)
      }
    if written < 0 {
      if errno == EINTR { continue }
      throw .last
    }
    offset += written
  }
}
