import ColumnFiles
import Foundation
import Interactions
import Testing

/// A log in a mapped file gives its memory back and is there again when it is read.
struct PagesTests {
  /// Kilobytes in memory of the mappings of a file.
  private static func resident(_ path: String) throws -> Int {
    // Paths with doubled slashes are known to the system without.
    let name = path.split(separator: "/").suffix(2).joined(separator: "/")
    var isOurs = false
    var kilobytes = 0
    // Files of the system have no size: they are read to their end.
    let maps = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/smaps")).readToEnd()
    for line in String(decoding: maps ?? Data(), as: UTF8.self).split(separator: "\n") {
      if line.wholeMatch(of: /[0-9a-f]+-[0-9a-f]+ .*/) != nil { isOurs = line.contains(name) }
      guard isOurs, let size = line.wholeMatch(of: /Rss: +([0-9]+) kB/)?.1 else { continue }
      kilobytes += Int(size) ?? 0
    }
    return kilobytes
  }

  @Test func `pages are given back and read again`() throws {
    // Systems map up to some megabytes around a byte that is touched.
    let count = 600_000
    var test = TestLog(times: (0..<Int64(count)).map { $0 })
    test.add("user", .integers((0..<Int64(count)).map { $0 % 7 }))
    test.add("clicked", .booleans((0..<count).map { $0 % 3 == 0 }))
    test.feature("user", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    test.roles.tasks = [.init(name: "click", column: "clicked")]
    let folder = try TestFolder()
    let path = folder.file("log")
    _ = try test.write(to: path)

    // Checking reads all of the file, but keeps little of it.
    let file = try ColumnFile.open(path)
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count / 1_024
    #expect(size > 7_000)
    #expect(try PagesTests.resident(path) < size / 2)

    let log = file.log
    func values() -> [Int] {
      [log.times.values.map(Int.init), log.labels[0].values.map(Int.init)].joined()
        + (log.lookups[0].rows ?? []).map(Int.init)
    }
    let before = values()
    #expect(try PagesTests.resident(path) >= size / 2)
    log.dropPages()
    #expect(try PagesTests.resident(path) < size / 4)
    let copy = log.copy(of: [20, 10], in: [10...20])
    #expect(copy.labels[0].values == [log.labels[0][20], log.labels[0][10]])
    #expect(try PagesTests.resident(path) < size / 4)
    #expect(values() == before)
  }

  @Test func `what lies in no file stays`() {
    let numbers = Column([1.5, 2.5] as [Float])
    let log = EncodedLog(
      schema: InputSchema(tables: [], lookups: [], numbers: ["n"]), rowCount: 2, lookups: [],
      numbers: [numbers], taskNames: [], labels: [], times: Column([1, 2]))
    log.dropPages()
    #expect(log.copy(of: [1], in: [0...1]).numbers[0].values == [2.5])
    #expect(log.numbers[0].values == [1.5, 2.5] && log.times.values == [1, 2])
  }
}
