import Glibc

/// The few file operations that the private server needs.
enum Files {
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// A path from the root, whether or not anything is there.
  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    return unsafe String(cString: current) + "/" + path
  }

  /// The directory that holds `path`.
  static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Where a symbolic link leads, nil if there is none at `path`.
  static func linkDestination(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink(path, &buffer, buffer.count)
    if length < 0 { return nil }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The text of a file, nil if it can't be read.
  static func read(_ path: String) -> String? {
    guard let file = unsafe fopen(path, "re") else { return nil }
    defer { unsafe fclose(file) }
    return unsafe read(file)
  }

  /// What is left of an open file.
  static func read(_ file: UnsafeMutablePointer<FILE>) -> String {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = unsafe block.withUnsafeMutableBytes { buffer in
        unsafe fread(buffer.baseAddress, 1, buffer.count, file)
      }
      if count == 0 { break }
      bytes.append(contentsOf: block[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Replaces or extends a file's text.
  static func write(
    _ text: String, to path: String, mode: String = "we"
  ) throws(PostgresError) {
    guard let file = unsafe fopen(path, mode) else { throw failure("write \(path)") }
    let isWritten = unsafe fputs(text, file) >= 0
    guard unsafe fclose(file) == 0, isWritten else { throw failure("write \(path)") }
  }

  /// Makes a directory and those above it.
  static func makeDirectories(_ path: String) throws(PostgresError) {
    if path == "/" || exists(path) { return }
    try makeDirectories(parent(path))
    if unsafe mkdir(path, 0o755) != 0 && errno != EEXIST { throw failure("create \(path)") }
  }

  /// Paths that match a pattern such as `/usr/lib/postgresql/*/bin`.
  static func matching(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }

  /// Lets this thread sleep.
  static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

  /// The error for a system call that just failed.
  static func failure(_ what: String) -> PostgresError {
    .privateServer("can't \(what): \(unsafe String(cString: strerror(errno)))")
  }

  /// Runs `body` while no other process does so with the same file, which is created if need be.
  static func withLock<R>(
    _ path: String, _ body: () throws(PostgresError) -> R
  ) throws(PostgresError) -> R {
    // Children must not inherit it: a server would hold the lock as long as it runs.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("open \(path)") }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw failure("lock \(path)") }
    }
    return try body()
  }
}
