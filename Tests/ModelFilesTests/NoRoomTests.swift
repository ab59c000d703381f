import Foundation
import Interactions
import ModelFiles
import Testing

/// A full disk, played by the system's limit on the size of files, which needs no rights.
///
/// The limit holds for a whole process, hence a process for each test.
struct NoRoomTests {
  /// Lets files of this process grow to `bytes` and makes writing more an error.
  private static func limitFiles(to bytes: UInt) {
    _ = signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
  }

  /// Whether `body` fails for want of room.
  private static func findsNoRoom(_ body: () throws -> Void) -> Bool {
    do { try body() } catch ModelFileError.noRoom { return true } catch {}
    return false
  }

  @Test func `without room the message names the model asked for, no hidden folder`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      NoRoomTests.limitFiles(to: 4_096)
      var found: ModelFileError?
      do { try folder.writeModel(weights: [UInt8](repeating: 1, count: 5_000)) } catch {
        found = error as? ModelFileError
      }
      let text = try #require(found?.description)
      try #require(text.hasPrefix(folder.file("model") + "/"))
      try #require(text.contains(": no room to write (") && !text.contains(".partial-"))
    }
  }

  @Test func `a tensor file without room leaves nothing`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      try folder.write([1], to: "f")
      var writer = SafetensorsWriter()
      try writer.add("a", Column([Double](repeating: 1, count: 10_000)))
      NoRoomTests.limitFiles(to: 4_096)
      let isFull = NoRoomTests.findsNoRoom { try writer.write(to: folder.file("f")) }
      try #require(isFull)
      try #require(folder.names == ["f"])
      try #require(folder.read("f") == [1])
    }
  }

  @Test func `a model without room leaves nothing and the old one as it was`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let digest = try folder.writeModel()
      NoRoomTests.limitFiles(to: 4_096)
      let long = [UInt8](repeating: 1, count: 5_000)
      let isFull = NoRoomTests.findsNoRoom {
        try folder.writeModel(weights: long, replacing: true)
      }
      try #require(isFull)
      // The files fit, model.json doesn't.
      let text = String(repeating: "long", count: 2_000)
      let isFullLate = NoRoomTests.findsNoRoom {
        try folder.writeModel(text: text, replacing: true)
      }
      try #require(isFullLate)
      try #require(folder.names == ["model"])
      try #require(ModelDirectory(opening: folder.file("model")).digest == digest)
    }
  }

  @Test func `scores without room leave nothing`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      NoRoomTests.limitFiles(to: 4_096)
      let isFull = NoRoomTests.findsNoRoom {
        let writer = try CSVWriter(replacing: folder.file("f"), columns: ["a"])
        for row in 0..<10_000 {
          writer.append(row)
          try writer.endRow()
        }
        try writer.finish()
      }
      try #require(isFull)
      try #require(folder.names.isEmpty)
    }
  }
}
