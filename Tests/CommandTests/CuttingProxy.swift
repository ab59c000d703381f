import Foundation
import Synchronization

/// Passes the connections of a Unix socket on to a server's socket, and cuts them when told to.
final class CuttingProxy: Sendable {
  private struct State {
    /// Both ends of every connection that stands.
    var open: Set<Int32> = []
    var refusesUntil = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let listener: Int32
  private let server: String

  /// Listens at `path`, in a folder that is there, for the server at `server`.
  init(at path: String, server: String) throws {
    self.server = server
    unsafe unlink(path)
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard unsafe Self.withAddress(path, { unsafe bind(listener, $0, $1) }) == 0,
      listen(listener, 64) == 0
    else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    Thread.detachNewThread { [self] in accept() }
  }

  /// Breaks every connection, and refuses new ones for a while.
  func cut(refusingFor pause: Duration) {
    state.withLock { state in
      state.refusesUntil = .now + pause
      for end in state.open { shutdown(end, Int32(SHUT_RDWR)) }
    }
  }

  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func accept() {
    while true {
      let client = Foundation.accept(listener, nil, nil)
      if client < 0 { return }
      let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let refuses = state.withLock { $0.refusesUntil > .now }
      guard !refuses, unsafe Self.withAddress(server, { unsafe connect(upstream, $0, $1) }) == 0
      else {
        Foundation.close(upstream)
        Foundation.close(client)
        continue
      }
      state.withLock { $0.open.formUnion([client, upstream]) }
      let left = Atomic2()
      for (from, to) in [(client, upstream), (upstream, client)] {
        Thread.detachNewThread { [self] in
          Self.copy(from, to)
          shutdown(to, Int32(SHUT_RDWR))
          shutdown(from, Int32(SHUT_RDWR))
          guard left.isLast else { return }
          state.withLock { state in
            for end in [client, upstream] {
              state.open.remove(end)
              Foundation.close(end)
            }
          }
        }
      }
    }
  }

  /// Of two threads, tells the one that comes last.
  private final class Atomic2: Sendable {
    private let count = Atomic(0)
    var isLast: Bool { count.add(1, ordering: .acquiringAndReleasing).newValue == 2 }
  }

  private static func copy(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(from, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return }
      var sent = 0
      while sent < count {
        let done = unsafe buffer.withUnsafeBytes {
          unsafe send(
            to, $0.baseAddress.map { unsafe $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
        }
        guard done > 0 else { return }
        sent += done
      }
    }
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
