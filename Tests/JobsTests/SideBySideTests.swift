import Jobs
import Synchronization
import Testing

struct SideBySideTests {
  private struct Stop: Error, Equatable { var index: Int }

  @Test(arguments: [1, 2, 7])
  func `every piece is done once`(atOnce: Int) throws {
    let counts = Mutex([Int](repeating: 0, count: 50))
    try SideBySide.run(50, atOnce: atOnce) { index in counts.withLock { $0[index] += 1 } }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 50))
    try SideBySide.run(0, atOnce: atOnce) { _ in Issue.record("there is nothing to do") }
  }

  @Test func `the first error is thrown, and nothing is begun after it`() {
    let done = Mutex<[Int]>([])
    #expect(throws: Stop(index: 3)) {
      try SideBySide.run(50, atOnce: 1) { index in
        if index == 3 { throw Stop(index: index) }
        done.withLock { $0.append(index) }
      }
    }
    #expect(done.withLock { $0 } == [0, 1, 2])
  }
}
