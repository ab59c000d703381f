package import ColumnFiles
import Dispatch
package import Interactions
import Synchronization

/// Has chunks encoded on a thread of its own, so that the next ones can be read meanwhile.
///
/// At most ``capacity`` chunks wait or are being encoded. What goes wrong with one is thrown by a
/// later call, ``finish()`` at the latest; the chunks after it are dropped. Use it from one thread
/// at a time.
package final class BackgroundEncoder<Encoder: ChunkTaking & ~Copyable>: Sendable {
  /// Chunks that may be here at a time: one in work and one to go on with.
  private static var capacity: Int { 2 }

  /// Locked for as long as a chunk is being encoded.
  private let state = Mutex(State())
  private let hasFailed = Atomic(false)
  private let thread = DispatchQueue(label: "paretorank.encoding")
  private let room = DispatchSemaphore(value: BackgroundEncoder.capacity)

  private struct State: ~Copyable {
    var encoder: Encoder?
    var problem: (any Error)?
  }

  package init() {}

  /// Throws away what was encoded so far and starts with a new encoder.
  package func restart(_ make: () throws -> sending Encoder) throws {
    // The former one goes first: both would write the same file.
    discard()
    try state.withLock { $0.encoder = try make() }
  }

  /// Throws away what was encoded so far and the files that hold it; nothing after ``finish()``.
  package func discard() {
    thread.sync {}
    state.withLock { $0 = State() }
    hasFailed.store(false, ordering: .relaxed)
  }

  /// Hands over a chunk; waits where too many are here already.
  package func append(_ chunk: RowChunk) throws {
    if hasFailed.load(ordering: .relaxed) { try throwProblem() }
    room.wait()
    thread.async { [self] in
      defer { room.signal() }
      state.withLock { state in
        guard state.problem == nil else { return }
        do {
          try state.encoder?.append(chunk)
        } catch {
          state.problem = error
          hasFailed.store(true, ordering: .relaxed)
        }
      }
    }
  }

  /// Waits for the last chunk, then has the encoder write its file.
  package func finish() throws -> Encoder.Output {
    thread.sync {}
    try throwProblem()
    return try state.withLock { state in
      guard let encoder = state.encoder.take() else {
        preconditionFailure("finished before the start")
      }
      return try encoder.finish()
    }
  }

  private func throwProblem() throws {
    try state.withLock { state in
      if let problem = state.problem { throw problem }
    }
  }
}
