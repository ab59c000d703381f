import Glibc

/// Why an entry can't be made or put in its place.
package enum PartialEntryProblem: Error, Equatable {
  /// The destination doesn't end with a name.
  case noName
  /// The folder that the destination lies in isn't there.
  case noFolder(String)
  /// Something that stays lies at the destination.
  case taken
  /// The system refused, with this `errno`.
  case system(Int32)

  /// The problem of the system call that failed last.
  static var last: PartialEntryProblem { .system(errno) }
}

/// A file or folder that is still being made, beside the place where it belongs.
///
/// Its name is `.NAME.partial-PID-RANDOM`. Whoever makes it holds a lock on it, which the system
/// drops when the process ends, however that happens. So an entry without a lock is the leftover of
/// a killed process, and the next one that writes in the same folder removes it. The lock, and not
/// the process number, decides: numbers are used again, and differ between containers.
package final class PartialEntry {
  package enum Kind { case file, folder }

  package let path: String
  /// The open file or folder.
  package let descriptor: Int32
  private var isInPlace = false

  /// Makes the entry for `destination` and removes leftovers beside it.
  package init(_ kind: Kind, for destination: String) throws(PartialEntryProblem) {
    let (parent, name) = splitPath(destination)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw .noName
    }
    Self.removeLeftovers(in: parent)
    while true {
      let digits = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
      let path = "\(parent)/.\(name).partial-\(getpid())-\(digits)"
      let result: Int32
      switch kind {
      case .file: result = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      case .folder: result = unsafe mkdir(path, 0o777)
      }
      guard result >= 0 else {
        let code = errno
        switch code {
        case EEXIST: continue
        case ENOENT: throw .noFolder(parent)
        default: throw .system(code)
        }
      }
      let descriptor =
        kind == .file
        ? result : unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      // Another process may have taken the entry for a leftover before it was locked.
      guard descriptor >= 0 else { continue }
      switch Self.lock(descriptor, on: path) {
      // A file system without locks also keeps others from taking the entry for a leftover.
      case .held, .unsupported: break
      case .lost:
        close(descriptor)
        continue
      }
      self.path = path
      self.descriptor = descriptor
      return
    }
  }

  deinit {
    if !isInPlace { Self.removeTree(path) }
    close(descriptor)
  }

  /// Gives the entry its name, and waits until the disk has it.
  ///
  /// A file takes the place of a file, a folder that of an empty folder.
  package func move(to destination: String) throws(PartialEntryProblem) {
    guard unsafe rename(path, destination) == 0 else {
      let code = errno
      throw code == EEXIST || code == ENOTEMPTY ? .taken : .system(code)
    }
    isInPlace = true
    try waitForNames(in: splitPath(destination).folder)
  }

  /// Exchanges the entry with what lies at `destination`, so that there always is one of the two.
  ///
  /// What was there is gone with this object.
  package func exchange(with destination: String) throws(PartialEntryProblem) {
    if exchangeNames(path, destination) {
      try waitForNames(in: splitPath(destination).folder)
      return
    }
    guard errno == EINVAL || errno == ENOSYS else { throw .last }
    // A file system without exchange: for a moment there is neither.
    let aside = path + "0"
    guard unsafe rename(destination, aside) == 0 else { throw .last }
    guard unsafe rename(path, destination) == 0 else {
      let code = errno
      unsafe rename(aside, destination)
      throw .system(code)
    }
    isInPlace = true
    try waitForNames(in: splitPath(destination).folder)
    Self.removeTree(aside)
  }

  // MARK: Leftovers

  /// Removes a folder or file as one step: it loses its name at once, and where the process is killed
  /// before the rest is gone, the next one that writes in the same folder removes that.
  package static func remove(_ path: String) throws(PartialEntryProblem) {
    let (parent, name) = splitPath(path)
    let digits = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    let aside = "\(parent)/.\(name).partial-\(getpid())-\(digits)"
    guard unsafe rename(path, aside) == 0 else { throw .last }
    removeTree(aside)
    try waitForNames(in: parent)
  }

  private static func removeLeftovers(in parent: String) {
    for name in entryNames(in: parent) where isPartial(name) {
      let path = "\(parent)/\(name)"
      let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if lock(descriptor, on: path) == .held { removeTree(path) }
      close(descriptor)
    }
  }

  /// Whether a name has the form `.NAME.partial-PID-RANDOM`.
  package static func isPartial(_ name: String) -> Bool {
    name.wholeMatch(of: /\..+\.partial-[0-9]+-[0-9a-f]{8,9}/) != nil
  }

  /// The path with the names that partial entries in it will have: what a user asked for.
  package static func destination(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.wholeMatch(of: /\.(.+)\.partial-[0-9]+-[0-9a-f]{8,9}/)?.1 ?? part
    }.joined(separator: "/")
  }

  private enum Lock {
    case held
    /// Another holds it, or the entry is gone.
    case lost
    case unsupported
  }

  /// Locks the open entry, and makes sure that the path still means what was locked.
  private static func lock(_ descriptor: Int32, on path: String) -> Lock {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      return errno == EWOULDBLOCK ? .lost : .unsupported
    }
    var locked = stat()
    var named = stat()
    guard unsafe fstat(descriptor, &locked) == 0, unsafe lstat(path, &named) == 0 else {
      return .lost
    }
    return locked.st_ino == named.st_ino && locked.st_dev == named.st_dev ? .held : .lost
  }

  private static func removeTree(_ path: String) {
    if unsafe unlink(path) == 0 || errno == ENOENT { return }
    for name in entryNames(in: path) { removeTree("\(path)/\(name)") }
    unsafe rmdir(path)
  }
}

/// Exchanges the names of two entries of a folder; false, with `errno`, where that can't be.
///
/// The C library has the call, but declares it for programs only that ask for GNU's additions.
private func exchangeNames(_ first: String, _ second: String) -> Bool {
  typealias Call =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  let exchange: UInt32 = 2  // RENAME_EXCHANGE in linux/fs.h
  guard let symbol = unsafe dlsym(nil, "renameat2") else {
    errno = ENOSYS
    return false
  }
  let rename = unsafe unsafeBitCast(symbol, to: Call.self)
  return unsafe rename(AT_FDCWD, first, AT_FDCWD, second, exchange) == 0
}

/// Waits until the disk has the names in a folder.
package func waitForNames(in folder: String) throws(PartialEntryProblem) {
  let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .last }
  defer { close(descriptor) }
  // Some network file systems can't, and keep names at once.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw .last }
}
