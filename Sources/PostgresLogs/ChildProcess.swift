import Glibc

/// A program that is run to its end.
struct ChildProcess {
  /// The exit status, or 128 plus the signal that ended it.
  let status: Int32
  /// What it wrote to standard output and standard error.
  let output: String

  /// Runs a program found on the path, with a small environment of its own and nothing to read.
  init(_ arguments: [String]) throws(PostgresError) {
    guard let file = unsafe tmpfile() else { throw Files.failure("create a temporary file") }
    defer { unsafe fclose(file) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fileno(file), 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, fileno(file), 2)
    // A server that stays must not hold this process's files, sockets and pipes open.
    for path in Files.matching("/proc/self/fd/*") {
      if let open = path.split(separator: "/").last.flatMap({ Int32($0) }), open > 2 {
        unsafe posix_spawn_file_actions_addclose(&actions, open)
      }
    }
    var process = pid_t()
    // Another user may have no right to be in the current directory.
    let shell = ["sh", "-c", "cd / && exec \"$@\"", "sh"]
    let problem = unsafe Self.withCStrings(shell + arguments) { arguments in
      unsafe Self.withCStrings(Self.environment) { environment in
        unsafe posix_spawn(&process, "/bin/sh", &actions, nil, arguments, environment)
      }
    }
    guard problem == 0 else {
      throw .privateServer(
        "can't run \(arguments[0]): \(unsafe String(cString: strerror(problem)))")
    }
    var state: Int32 = 0
    while unsafe waitpid(process, &state, 0) < 0 {
      guard errno == EINTR else { throw Files.failure("wait for \(arguments[0])") }
    }
    let signal = state & 0x7F
    status = signal == 0 ? (state >> 8) & 0xFF : 128 + signal
    unsafe rewind(file)
    output = unsafe Files.read(file)
  }

  /// No `PG*` variables, and messages in English.
  private static var environment: [String] {
    let kept = ["HOME", "LD_LIBRARY_PATH", "TZ"].compactMap { (name: String) -> String? in
      unsafe getenv(name).map { unsafe "\(name)=\(String(cString: $0))" }
    }
    return kept + ["PATH=\(searchPath)", "LC_ALL=C"]
  }

  /// Where programs are looked for, with the system's own directories at the end.
  static var searchPath: String {
    let own = unsafe getenv("PATH").map { unsafe String(cString: $0) + ":" } ?? ""
    return own + "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  }

  private static func withCStrings(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32
  ) -> Int32 {
    let copies = unsafe texts.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe body(copies + [nil])
  }
}
