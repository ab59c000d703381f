import ColumnFiles
import Foundation
import Interactions
import Testing

/// A full disk, played by the system's limit on the size of files, which needs no rights.
struct NoRoomTests {
  @Test func `without room nothing stays and the message names the file asked for`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let log = TestLog(times: [Int64](0..<100_000))
      _ = signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4_096, rlim_max: 4_096)
      precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      var found: ColumnFileError?
      do { _ = try log.write(to: folder.file("log")) } catch { found = error as? ColumnFileError }
      let path = folder.file("log")
      try #require(found == .system(path, reason: unsafe String(cString: strerror(EFBIG))))
      try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}
