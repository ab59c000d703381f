import Dispatch
internal import Synchronization
internal import Workers

/// Does independent pieces of work at the same time, one on each core.
package enum SideBySide {
  /// Calls `body` with each number below `count`, in order of their start, and waits for all.
  ///
  /// After the first error no further piece is started; it is thrown once those that run have ended.
  package static func run(
    _ count: Int, atOnce: Int = WorkerGroup.coreCount,
    _ body: @Sendable (_ index: Int) throws -> Void
  ) throws {
    let next = Atomic(0)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, min(atOnce, count))) { _ in
      while failure.withLock({ $0 == nil }) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do { try body(index) } catch { failure.withLock { $0 = $0 ?? error } }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
