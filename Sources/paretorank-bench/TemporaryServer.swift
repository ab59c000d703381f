import Foundation
import PostgresLogs

/// A private PostgreSQL server that is gone with its data after use.
struct TemporaryServer {
  private let directory: String
  private let server: PrivateServer

  /// Starts a server in a fresh folder, calls `body` with its connection string, and removes both.
  ///
  /// Ctrl-C and a polite request to end remove them too.
  static func use(_ body: (_ url: String) throws -> Void) throws {
    let server = TemporaryServer()
    let signals = [SIGINT, SIGTERM].map { server.stop(on: $0) }
    defer {
      for signal in signals { signal.cancel() }
      server.remove()
    }
    try body(server.server.start())
  }

  private init() {
    directory =
      NSTemporaryDirectory() + "/paretorank-bench-\(ProcessInfo.processInfo.processIdentifier)"
    // As durable as a server in production, so that writing costs what it costs there.
    server = PrivateServer(directory: directory + "/postgres")
  }

  private func remove() {
    try? server.stop()
    try? FileManager.default.removeItem(atPath: directory)
  }

  private func stop(on number: Int32) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      remove()
      exit(128 + number)
    }
    source.resume()
    return source
  }
}
