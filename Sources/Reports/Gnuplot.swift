internal import Foundation
internal import Glibc

/// The program that draws plots: gnuplot, as a child process for each picture.
public struct Gnuplot: Sendable {
  /// The program's file.
  let path: String
  /// Seconds after which a picture counts as never to be finished.
  let timeLimit: Double

  /// Finds gnuplot on the path; call it before long work whose result is to be drawn.
  ///
  /// - Throws: ``ReportError/noGnuplot`` where there is none.
  public static func find() throws(ReportError) -> Gnuplot {
    try find(in: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
  }

  /// Finds gnuplot in directories separated by colons.
  package static func find(in searchPath: String) throws(ReportError) -> Gnuplot {
    for folder in searchPath.split(separator: ":") {
      let path = "\(folder)/gnuplot"
      if FileManager.default.isExecutableFile(atPath: path) { return Gnuplot(path: path) }
    }
    throw .noGnuplot
  }

  /// The program at a path; `timeLimit` is in seconds a picture.
  package init(path: String, timeLimit: Double = 60) {
    self.path = path
    self.timeLimit = timeLimit
  }

  /// Runs a program and returns what it draws.
  ///
  /// - Throws: ``ReportError/drawing(plot:reason:)`` with what gnuplot said, or that it took too
  ///   long.
  func run(_ program: String, plot: String) throws(ReportError) -> String {
    // Files, not pipes: neither side ever waits for the other, and none dies of a closed pipe.
    let (input, output, errors) = (
      try Self.temporaryFile(), try Self.temporaryFile(), try Self.temporaryFile()
    )
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    // Without what a user's own settings would change.
    process.arguments = ["--default-settings"]
    process.environment = ["LC_ALL": "C.UTF-8", "HOME": "/nonexistent"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    let text: String
    do {
      try input.write(contentsOf: Data(program.utf8))
      try input.seek(toOffset: 0)
      try process.run()
      let end = Date(timeIntervalSinceNow: timeLimit)
      while process.isRunning && Date() < end { usleep(2_000) }
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        throw ReportError.drawing(
          plot: plot, reason: "it took longer than \(Int(timeLimit.rounded(.up))) s")
      }
      process.waitUntilExit()
      text = try Self.text(of: output)
      guard process.terminationStatus == 0, text.contains("</svg>") else {
        throw ReportError.drawing(plot: plot, reason: Self.reason(try Self.text(of: errors)))
      }
    } catch let error as ReportError {
      throw error
    } catch {
      throw .drawing(plot: plot, reason: error.localizedDescription)
    }
    return text
  }

  /// A file without a name, gone when closed.
  private static func temporaryFile() throws(ReportError) -> FileHandle {
    let pattern = "\(NSTemporaryDirectory())/paretorank-plot-" + String(repeating: "X", count: 6)
    var name = Array(pattern.utf8CString)
    let descriptor = unsafe name.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return Int32(-1) }
      let descriptor = unsafe mkstemp(start)
      if descriptor >= 0 { unsafe unlink(start) }
      return descriptor
    }
    guard descriptor >= 0 else { throw .last(NSTemporaryDirectory()) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static func text(of file: FileHandle) throws -> String {
    try file.seek(toOffset: 0)
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
  }

  /// The last line of gnuplot's complaint, which names the cause.
  private static func reason(_ complaint: String) -> String {
    let lines = complaint.split(separator: "\n").map { $0.drop { $0 == " " } }
    return lines.last { !$0.isEmpty && $0 != "^" }.map(String.init) ?? "it drew nothing"
  }
}
