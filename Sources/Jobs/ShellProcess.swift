import Glibc

/// A command that the shell runs, with all processes that it starts.
struct ShellProcess {
  /// How it ended.
  enum Outcome: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case tookTooLong
  }

  /// Why it could not be started.
  struct StartError: Error, CustomStringConvertible {
    var description: String

    fileprivate init(_ code: Int32) { description = unsafe String(cString: strerror(code)) }
  }

  /// The shell, which leads a process group of its own.
  private let process: pid_t
  /// Where the command's output arrives.
  private let output: Int32

  /// Less than what a pipe holds.
  private static let longestInput = 60_000

  /// Starts `command`, which reads `input` and whose environment is this process's and `environment`.
  init(_ command: String, input: String, environment: [(name: String, value: String)]) throws {
    let (reading, writing) = try Self.pipe()
    defer { close(reading) }
    // All of it fits into the pipe, so that nobody waits for a command that doesn't read.
    var text = String(decoding: input.utf8.prefix(Self.longestInput), as: UTF8.self)
    let written = text.withUTF8 { unsafe write(writing, $0.baseAddress, $0.count) }
    close(writing)
    guard written >= 0 else { throw StartError(errno) }
    let (output, outputEnd) = try Self.pipe()
    defer { close(outputEnd) }

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, reading, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, outputEnd, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, outputEnd, 2)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // What this process ignores, or has blocked, the command would, too.
    var all = sigset_t()
    var none = sigset_t()
    unsafe sigfillset(&all)
    unsafe sigdelset(&all, SIGKILL)
    unsafe sigdelset(&all, SIGSTOP)
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var process = pid_t()
    let problem = unsafe Self.withCStrings(["/bin/sh", "-c", command]) { arguments in
      unsafe Self.withCStrings(Self.environment(with: environment)) { environment in
        unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environment)
      }
    }
    guard problem == 0 else {
      close(output)
      throw StartError(problem)
    }
    self.process = process
    self.output = output
  }

  /// Waits for the shell's end, or ends it and all that it started when its time is over.
  ///
  /// Answers the first `count` bytes of what was written, too; the rest is thrown away.
  func finish(within limit: Duration, keeping count: Int) -> (Outcome, output: String) {
    defer { close(output) }
    let deadline = ContinuousClock.now + limit
    var kept: [UInt8] = []
    var isOpen = true
    while true {
      var state: Int32 = 0
      let ended = unsafe waitpid(process, &state, WNOHANG)
      // What was written before the end is there by now; who was left running may go on alone.
      isOpen = isOpen && take(into: &kept, upTo: count, waiting: ended == 0 ? 50 : 0)
      if ended == process {
        let signal = state & 0x7F
        return (
          signal == 0 ? .exited((state >> 8) & 0xFF) : .killed(signal: signal), Self.text(kept)
        )
      }
      if !isOpen { usleep(20_000) }
      if ContinuousClock.now > deadline {
        kill(-process, SIGKILL)
        while unsafe waitpid(process, &state, 0) < 0 && errno == EINTR {}
        return (.tookTooLong, Self.text(kept))
      }
    }
  }

  /// Reads what has arrived; false once nothing can arrive any more.
  private func take(into kept: inout [UInt8], upTo count: Int, waiting: Int32) -> Bool {
    var block = [UInt8](repeating: 0, count: 4_096)
    var wait = waiting
    // Who writes without end must not keep the clock from being looked at.
    for _ in 0..<256 {
      var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&descriptor, 1, wait) > 0 else { return true }
      wait = 0
      let length = unsafe read(output, &block, block.count)
      if length <= 0 { return length < 0 && errno == EINTR }
      kept += block[..<min(length, count - kept.count)]
    }
    return true
  }

  /// A pipe's two ends, which no other program inherits.
  private static func pipe() throws(StartError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe Glibc.pipe(&ends) == 0 else { throw StartError(errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .joined(separator: "\n")
  }

  /// This process's environment, in which `own` replaces what has the same name.
  private static func environment(with own: [(name: String, value: String)]) -> [String] {
    var kept: [String] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let line = unsafe String(cString: text)
      if !own.contains(where: { line.hasPrefix($0.name + "=") }) { kept.append(line) }
      unsafe entry += 1
    }
    return kept + own.map { "\($0.name)=\($0.value)" }
  }

  /// Calls `body` with C's form of the texts, without the zero bytes that would cut them short.
  private static func withCStrings(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32
  ) -> Int32 {
    let copies = unsafe texts.map { unsafe strdup($0.replacing("\0", with: "")) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe body(copies + [nil])
  }
}
