import Foundation
import PostgresLogs
import Testing

/// The life of a private server.
struct PrivateServerTests {
  /// A directory that goes when the test ends, together with its server.
  private final class Place {
    let parent: String
    let server: PrivateServer

    init(_ name: String = "postgres", in parent: String? = nil) {
      self.parent = parent ?? "/tmp/paretorank-life-\(UUID().uuidString.prefix(8))"
      server = PrivateServer(
        directory: self.parent + "/" + name, options: .init(isDurable: false))
    }

    deinit {
      try? server.stop()
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: server.directory)
      for path in [link, parent].compactMap(\.self) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private func processID(_ server: PrivateServer) -> Int? {
    if case .running(let process) = server.status { return process }
    return nil
  }

  @Test(.timeLimit(.minutes(10)))
  func `it starts, keeps its data over a stop and a crash, and stops`() throws {
    let place = Place()
    #expect(place.server.status == .absent)
    try place.server.stop()
    let url = try place.server.start()
    #expect(url == place.server.url)
    try PostgresConnection(url).run(script: "CREATE TABLE kept AS SELECT 7 AS i; CHECKPOINT")

    let first = processID(place.server)
    #expect(try place.server.start() == url)
    #expect(processID(place.server) == first)

    try place.server.stop()
    #expect(place.server.status == .stopped)
    try place.server.stop()
    #expect(throws: PostgresError.self) { try PostgresConnection(url) }

    try place.server.start()
    let crashed = try #require(processID(place.server))
    kill(pid_t(crashed), SIGKILL)
    while processID(place.server) == crashed { usleep(10_000) }
    #expect(place.server.status == .stopped)
    try place.server.start()
    #expect(try PostgresConnection(url).value("SELECT i FROM kept") == "7")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a process file that names another program doesn't hinder it`() throws {
    let place = Place()
    try place.server.start()
    try place.server.stop()
    let stale = "\(getpid())\n\(place.server.directory)\n0\n5432\n"
    try stale.write(
      toFile: place.server.directory + "/postmaster.pid", atomically: false, encoding: .utf8)
    #expect(place.server.status == .stopped)
    try place.server.start()
    #expect(processID(place.server) != nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func `two who start it at once get the same server`() async throws {
    let place = Place()
    let server = place.server
    let urls = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<3 { group.addTask { try server.start() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(urls == [String](repeating: server.url, count: 3))
    #expect(try PostgresConnection(server.url).value("SELECT 1") == "1")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a long path with spaces has its socket elsewhere`() throws {
    let name = "a place with spaces and a name that no socket address can hold "
    let place = Place(name + String(repeating: "x", count: 60))
    let url = try place.server.start()
    #expect(url.contains("host=/tmp/paretorank-"))
    #expect(try PostgresConnection(url).value("SELECT 1") == "1")
    let socket = try #require(url.split(separator: "host=").last?.split(separator: "&").first)
    try place.server.stop()
    try FileManager.default.removeItem(atPath: String(socket))
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root's directories can be closed to the server's user"),
    .timeLimit(.minutes(10)))
  func `a directory that the server's user can't reach becomes a link`() throws {
    let place = Place()
    try FileManager.default.createDirectory(
      atPath: place.parent, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let url = try place.server.start()
    #expect(try PostgresConnection(url).value("SELECT 1") == "1")
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: place.server.directory)
    #expect(link.hasPrefix("/var/lib/paretorank/"))
    #expect(PrivateServer(directory: place.server.directory).url == url)
  }

  @Test func `a directory with something else in it is left alone`() throws {
    let place = Place()
    try FileManager.default.createDirectory(
      atPath: place.server.directory, withIntermediateDirectories: true)
    try "mine".write(
      toFile: place.server.directory + "/file", atomically: true, encoding: .utf8)
    #expect(throws: PostgresError.self) { try place.server.start() }
    #expect(FileManager.default.fileExists(atPath: place.server.directory + "/file"))
  }
}
