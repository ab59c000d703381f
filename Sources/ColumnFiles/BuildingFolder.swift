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
    let (parent, name) = split(destination)
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

  private static func removeLeftovers(in parent: String) {
    for name in names(in: parent) where name.hasPrefix(".") && name.hasSuffix(suffix) {
      let path = parent + "/" + name
      guard case .held(let descriptor) = lock(path) else { continue }
      removeContents(path)
      unsafe rmdir(path)
      close(descriptor)
    }
  }

  private static func removeContents(_ path: String) {
    for name in names(in: path) { unsafe unlink(path + "/" + name) }
  }

  /// What lies in a folder, without `.` and `..`; nothing where it can't be read.
  private static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}

/// A path's folder, `.` where it names none, and the name in it.
func split(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  let folder = path[..<slash]
  return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
}
