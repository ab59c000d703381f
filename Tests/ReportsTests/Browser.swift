import Foundation

/// Chromium without a window, to see pages as readers do.
struct Browser {
  enum Mode: String, CaseIterable {
    case telephone, telephoneDark, desktop, desktopDark

    var size: (width: Int, height: Int) {
      switch self {
      case .telephone, .telephoneDark: (390, 844)
      case .desktop, .desktopDark: (1280, 900)
      }
    }
    var isDark: Bool { self == .telephoneDark || self == .desktopDark }
  }

  struct Failure: Error {
    let status: Int32
    let output: String
  }

  let program: String

  /// The browser, nil where it isn't installed.
  init?() {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"

    let found = path.split(separator: ":").map { "\($0)/chromium-headless-shell" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    program = found
  }

  /// Opens a page and returns what the browser writes to standard output.
  @discardableResult
  func open(_ page: String, _ arguments: [String], in folder: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments =
      [
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--hide-scrollbars", "--user-data-dir=\(folder)/profile", "--virtual-time-budget=2000",
      ] + arguments + ["file://\(page)"]
    let file = "\(folder)/output-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: file))
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let end = Date(timeIntervalSinceNow: 60)
    while process.isRunning && Date() < end { usleep(20_000) }
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    let text = try String(contentsOfFile: file, encoding: .utf8)
    guard process.terminationStatus == 0 else {
      throw Failure(status: process.terminationStatus, output: text)
    }
    return text
  }
}
