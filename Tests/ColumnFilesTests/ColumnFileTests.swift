import ColumnFiles
import Foundation
import Interactions
import Testing

struct ColumnFileTests {
  @Test func `an opened file equals the one written`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    let written = try LogEncoderTests.mixedLog().write(to: path)
    let opened = try ColumnFile.open(path, expectedKey: "key")
    #expect(opened.features == written.features)
    #expect(opened.summary == written.summary)
    #expect(opened.log.times.values == written.log.times.values)
    #expect(opened.log.lookups.map(\.lists) == written.log.lookups.map(\.lists))
    #expect(try folder.names == ["log"])
  }

  @Test func `another key and an absent file are told apart`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    #expect(throws: ColumnFileError.absent(path)) { try ColumnFile.open(path) }
    _ = try TestLog(times: [1]).write(to: path)
    #expect(throws: ColumnFileError.otherKey(path)) {
      try ColumnFile.open(path, expectedKey: "other")
    }
  }

  @Test func `a changed byte anywhere that matters is found`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    var log = TestLog(times: [1, 2, 3])
    log.add("item", .integers([1, 2, 3]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    _ = try log.write(to: path)
    let original = try Data(contentsOf: URL(fileURLWithPath: path))
    var undetected = 0
    for index in original.indices {
      var changed = original
      changed[index] ^= 0x10
      try changed.write(to: URL(fileURLWithPath: path))
      do {
        _ = try ColumnFile.open(path)
        undetected += 1
      } catch ColumnFileError.damaged {}
    }
    // Only the zeros that pad the first 48 bytes and three sections to multiples of 64.
    let padding = (64 - 48) + (64 - 12) + (64 - 24) + (64 - 48)
    #expect(undetected == padding)
  }

  @Test func `a truncated or lengthened file is refused`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    _ = try LogEncoderTests.mixedLog().write(to: path)
    let original = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in [0, 1, 63, 64, 65, original.count / 2, original.count - 1] {
      try original.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(throws: ColumnFileError.self) { try ColumnFile.open(path) }
    }
    try (original + [0]).write(to: URL(fileURLWithPath: path))
    #expect(throws: ColumnFileError.self) { try ColumnFile.open(path) }
  }

  @Test func `an abandoned writer leaves nothing and the old file as it was`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    let log = LogEncoderTests.mixedLog()
    _ = try log.write(to: path)
    do {
      var encoder = try LogEncoder(
        writing: path, key: "new", columns: log.columns, features: log.features, roles: log.roles,
        split: log.split)
      try encoder.append(log.chunk)
      #expect(try folder.names == [".log.columns-building", "log"])
    }
    #expect(try folder.names == ["log"])
    _ = try ColumnFile.open(path, expectedKey: "key")
  }

  @Test func `a failed split leaves nothing`() throws {
    let folder = try TestFolder()
    var log = TestLog(times: [1, 2])
    log.split = .lengths(train: 10, validation: 0, test: 10)
    #expect(throws: SplitError.self) { try log.write(to: folder.file("log")) }
    #expect(try folder.names.isEmpty)
  }

  @Test func `leftovers of a killed writer are removed by the next`() throws {
    let folder = try TestFolder()
    for name in [".log.columns-building", ".other.columns-building"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false)
      try Data([1]).write(to: URL(fileURLWithPath: folder.file(name + "/0")))
    }
    try Data([1]).write(to: URL(fileURLWithPath: folder.file(".mine.building")))
    _ = try TestLog(times: [1]).write(to: folder.file("log"))
    #expect(try folder.names == [".mine.building", "log"])
  }

  @Test func `two writers of one file don't meet, of two files do no harm`() throws {
    let folder = try TestFolder()
    let path = folder.file("log")
    let log = TestLog(times: [1])
    var first = try LogEncoder(
      writing: path, key: "", columns: log.columns, features: [], roles: log.roles,
      split: log.split)
    #expect(throws: ColumnFileError.busy(path)) { try log.write(to: path) }
    _ = try log.write(to: folder.file("other"))
    try first.append(log.chunk)
    _ = try first.finish()
    #expect(try folder.names == ["log", "other"])
  }

  @Test func `a folder that isn't there is named`() throws {
    let folder = try TestFolder()
    let path = folder.file("nowhere/log")
    #expect(throws: ColumnFileError.system(path, reason: "its folder doesn't exist")) {
      try TestLog(times: [1]).write(to: path)
    }
  }
}
