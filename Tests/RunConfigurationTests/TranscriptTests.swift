import Foundation
import RunConfiguration
import Testing

/// Every bad configuration gets exactly the messages that lie beside it.
struct TranscriptTests {
  @Test(arguments: Fixtures.names(in: "bad"))
  func `a bad configuration gets its messages`(name: String) throws {
    let yaml = try Fixtures.text("bad/\(name).yaml")
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: yaml, file: "\(name).yaml")
    }
    let messages = "\(try #require(error))\n"
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      let file = Fixtures.folder.appendingPathComponent("bad/\(name).txt")
      try messages.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(messages == (try Fixtures.text("bad/\(name).txt")))
  }

  @Test(arguments: Fixtures.names(in: "good"))
  func `a good configuration loads`(name: String) throws {
    let path = Fixtures.folder.appendingPathComponent("good/\(name).yaml").path
    #expect(throws: Never.self) { try RunConfiguration.load(path: path) }
  }

  @Test func `the folders are not empty`() {
    #expect(Fixtures.names(in: "bad").count >= 15)
    #expect(Fixtures.names(in: "good").count >= 3)
  }
}
