import Glibc

/// Why an operation on a file failed; whoever asked for it says of which file.
package enum FileProblem: Error, Equatable {
  /// What lies at the path is a folder or a device.
  case notAFile
  /// The system refused, with this `errno`.
  case system(Int32)

  /// The problem of the system call that failed last.
  package static var last: FileProblem { .system(errno) }
}
