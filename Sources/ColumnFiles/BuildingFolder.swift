import Files
import Glibc

/// A folder beside a destination that holds what is still being made, and is gone afterwards.
///
/// Its owner holds a lock on the folder itself, which the system drops when the process ends, however
/// that happens. So a folder without a lock is the leftover of a killed run, and the next one that
/// writes beside it removes it.
final class BuildingFolder {
  let path: String
  private let descriptor: Int32

  private static let suffix = ".columns-building"

  /// Makes the folder for `destination` and removes leftovers beside it.
  ///
  /// - Throws: ``ColumnFileError/busy(_:)`` while another process, or this one, makes the same file.
  init(for destination: String) throws(ColumnFileError) {
    let (parent, name) = splitPath(destination)
    Self.removeLeftovers(in: parent)
    path = parent + "/." + name + Self.suffix
    while true {
      if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
        let code = errno
        guard code != ENOENT else {
          throw .system(destination, reason: "its folder doesn't exist")
        }
        throw .last(destination, code: code)
      }
      let lock = Self.lock(path)
      switch lock {
      case .held(let descriptor):
        self.descriptor = descriptor
        Self.removeContents(path)
        return
      case .taken: throw .busy(destination)
      case .gone: continue
      case .failed(let error): throw error
      }
    }
  }

  deinit {
    Self.removeContents(path)
    unsafe rmdir(path)
    close(descriptor)
  }

  private enum Lock {
    case held(Int32)
    case taken
    case gone
    case failed(ColumnFileError)
  }

  /// Tries to lock the folder, and makes sure that the path still means the folder that was locked.
  private static func lock(_ path: String) -> Lock {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT ? .gone : .failed(.last(path)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      return code == EWOULDBLOCK ? .taken : .failed(.last(path, code: code))
    }
    var locked = stat()
    var named = stat()
    guard unsafe fstat(descriptor, &locked) == 0, unsafe lstat(path, &named) == 0,
      locked.st_ino == named.st_ino, locked.st_dev == named.st_dev
    else {
      close(descriptor)
      return .gone
    }
    return .held(descriptor)
  }

  /// Removes what killed processes left in a folder.
  static func removeLeftovers(in parent: String) {
    for name in entryNames(in: parent) where name.hasPrefix(".") && name.hasSuffix(suffix) {
      let path = parent + "/" + name
      guard case .held(let descriptor) = lock(path) else { continue }
      removeContents(path)
      unsafe rmdir(path)
      close(descriptor)
    }
  }

  private static func removeContents(_ path: String) {
    for name in entryNames(in: path) { unsafe unlink(path + "/" + name) }
  }

  /// The path of what is being made, where `path` lies in such a folder: what a user asked for.
  static func destination(of path: String) -> String {
    let (folder, _) = splitPath(path)
    let (parent, name) = splitPath(folder)
    guard name.hasPrefix("."), name.hasSuffix(suffix) else { return path }
    return parent + "/" + name.dropFirst().dropLast(suffix.count)
  }
}
