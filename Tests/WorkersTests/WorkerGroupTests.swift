import Synchronization
import Testing
import Workers

struct WorkerGroupTests {
  @Test(arguments: [1, 2, 3, 7]) func `calls every worker once and waits`(workerCount: Int) {
    let group = WorkerGroup(workerCount: workerCount)
    let calls = Mutex<[Int]>([])
    for _ in 0..<20 { group.run { worker in calls.withLock { $0.append(worker) } } }
    let expected = (0..<20 * workerCount).map { $0 / 20 }
    #expect(calls.withLock { $0.sorted() } == expected)
  }

  @Test(arguments: [1, 2, 3, 7], [0, 1, 2, 6, 7, 8, 1_000])
  func `shares out all things in order and as equally as possible`(workerCount: Int, count: Int) {
    let group = WorkerGroup(workerCount: workerCount)
    let shares = (0..<workerCount).map { group.share(of: count, for: $0) }
    #expect(shares.flatMap { Array($0) } == Array(0..<count))
    let lengths = shares.map(\.count)
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
  }

  @Test func `has a worker for every core by default`() {
    #expect(WorkerGroup.coreCount >= 1)
    #expect(WorkerGroup().workerCount == WorkerGroup.coreCount)
  }

  @Test func `without workers traps`() async {
    await #expect(processExitsWith: .failure) { _ = WorkerGroup(workerCount: 0) }
  }
}
