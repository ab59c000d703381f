import Dispatch
import Foundation
internal import Matrices

/// Threads of one process that share the rows of every batch.
///
/// Which rows and parameters a worker gets depends on its number alone, so equal worker counts give
/// equal bits, whatever the scheduler does.
public struct WorkerGroup: Sendable {
  public let workerCount: Int

  /// Creates a group; nil takes a worker for every core that this process may use.
  public init(workerCount: Int? = nil) {
    self.workerCount = workerCount ?? WorkerGroup.coreCount
    precondition(self.workerCount > 0, "a group of \(self.workerCount) workers")
  }

  /// The cores that this process may use.
  public static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Calls `work` once for every worker, at the same time where there are cores, and waits for all.
  ///
  /// The calls write only what belongs to their worker; the compiler does not see that, the thread
  /// sanitizer does (`make sanitize`).
  public func run(_ work: (_ worker: Int) -> Void) {
    guard workerCount > 1 else {
      useOneThreadPerProduct()
      return work(0)
    }
    withoutActuallyEscaping(work) { work in
      nonisolated(unsafe) let work = work
      DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
        useOneThreadPerProduct()
        unsafe work(worker)
      }
    }
  }

  /// Worker number `worker`'s part of `count` things, cut into runs as equal as possible.
  public func share(of count: Int, for worker: Int) -> Range<Int> {
    count * worker / workerCount..<count * (worker + 1) / workerCount
  }
}
