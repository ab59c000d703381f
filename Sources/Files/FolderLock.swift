import Glibc

/// Keeps a folder to one process; the system drops the lock when the process ends, however that
/// happens.
package final class FolderLock {
  private let descriptor: Int32

  /// Locks the folder; nil where somebody else holds it.
  ///
  /// File systems without locks let everybody in.
  package init?(_ folder: String) throws(FileProblem) {
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit {
    // A process that is just being started still has the descriptor, and with it the lock.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
