import Dispatch
import Foundation
import Synchronization

/// The wish of Ctrl-C or SIGTERM that the command stop.
enum Interruption {
  private static let isAsked = Atomic<Bool>(false)
  /// Written once, before there are other threads; a source lives as long as a reference to it.
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// Whether somebody asked for an end.
  static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

  /// Turns the first signal into a request, and the second into an immediate end.
  ///
  /// Call it before there are other threads. They all block these signals, for a source takes them from
  /// a descriptor: a handler that interrupts a product of oneDNN's finds a stack pointer that its generated
  /// code may use for other things, and what the system puts there is then written over the heap.
  static func watch() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        guard isAsked.exchange(true, ordering: .relaxed) else { return }
        Terminal.shared.clearBar()
        FileHandle.standardError.write(Data("error: stopped at once\n".utf8))
        _exit(ExitStatus.failed.rawValue)
      }
      source.resume()
      unsafe sources.append(source)
    }
    // Who reads the messages may go before the work is done.
    signal(SIGPIPE, SIG_IGN)
    // A write beyond the limit on file sizes shall fail like one on a full disk.
    signal(SIGXFSZ, SIG_IGN)
  }
}
