import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// What connecting says when it fails, and that it never says a password.
struct ConnectingTests {
  /// The parts of the shared server's connection string.
  private static func socket() throws -> String {
    let url = try TestServer.url.get()
    return try #require(url.split(separator: "host=").last?.split(separator: "&").first)
      .description
  }

  private func failure(_ string: String) -> PostgresError? {
    #expect(throws: PostgresError.self) { try PostgresConnection(string) }
  }

  @Test func `the right password lets in`() throws {
    let password = "s3cr3t%20pass%40word"
    let connection = try PostgresConnection(
      "postgresql://careful:\(password)@/paretorank?host=\(Self.socket())")
    #expect(connection.user == "careful")
    #expect(connection.database == "paretorank")
  }

  @Test(arguments: ["hunter2", "hunter2 and%more", "FATAL", "careful"])
  func `a wrong password is told as such and not printed`(password: String) throws {
    let string =
      "host=\(try Self.socket()) user=careful dbname=paretorank password='\(password)'"
    let problem = try #require(failure(string))
    guard case .notAuthenticated(_, _, let reason) = problem else {
      Issue.record("\(problem)")
      return
    }
    #expect(!reason.contains(password))
    #expect(!"\(problem)".contains("hunter2") && !String(reflecting: problem).contains("hunter2"))
  }

  @Test func `a missing password is told as such`() throws {
    let problem = failure("host=\(try Self.socket()) user=careful dbname=paretorank")
    guard case .notAuthenticated("careful", _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }

  @Test(arguments: ["banned", "nobody-of-this-name"])
  func `a user who may not come in is told as such`(user: String) throws {
    let problem = failure("host=\(try Self.socket()) user=\(user) dbname=paretorank")
    guard case .notAuthenticated(user, _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }

  @Test func `a database that doesn't exist is the server's word`() throws {
    let problem = failure("host=\(try Self.socket()) user=postgres dbname=no_such_shop")
    guard case .server(.undefinedDatabase, let message, _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(message.contains("no_such_shop"))
    #expect(problem?.isUnreachable == true)
  }

  @Test(arguments: ["postgresql://u:hunter2@127.0.0.1:1/shop", "host=/nonexistent user=u"])
  func `no server is told with the host`(string: String) throws {
    let problem = try #require(failure(string))
    guard case .noConnection(let host, _) = problem else {
      Issue.record("\(problem)")
      return
    }
    #expect(["127.0.0.1", "/nonexistent"].contains(host))
    #expect(!"\(problem)".contains("hunter2"))
  }

  @Test(arguments: [
    "postgresql://u:hun@ter2@db/shop", "postgresql://u:hun/ter2@db/shop",
    "postgresql://u:hun?ter2@db/shop", "postgresql://u:hun#ter2@db/shop",
    "postgres://u:hunter2%zz@db/shop", "host=db password=hun ter2", "password='hunter2",
    "postgresql://u:hunter2@[db/shop", "hunter2=password",
  ])
  func `a string that can't be read gives no piece of the password away`(string: String) throws {
    let problem = try #require(failure(string))
    guard case .badConnectionString = problem else {
      Issue.record("\(problem)")
      return
    }
    #expect(!"\(problem)".contains("hun") && !"\(problem)".contains("ter2"))
  }

  @Test func `a string without secrets stays readable`() {
    let problem = failure("host=db sslmode=sometimes")
    #expect(problem?.description.contains("sslmode") == true)
  }

  @Test func `connecting can be cancelled and has an end`() throws {
    // 192.0.2.0/24 is set aside for documentation: nobody answers, or the network says so at once.
    #expect(throws: PostgresError.self) {
      try PostgresConnection("host=192.0.2.1 user=u connect_timeout=30", isCancelled: { true })
    }
  }

  private static let limits = ConnectionLimits(statement: .seconds(60), lock: .seconds(5))

  @Test func `a location never shows its connection string`() {
    let location = DatabaseLocation(
      configuration: "postgresql://u:hunter2@db/shop", limits: Self.limits)
    var dumped = ""
    dump(location, to: &dumped)
    #expect(location.source == .configuration)
    #expect(!dumped.contains("hunter2"))
    #expect(!"\(location)".contains("hunter2") && !String(reflecting: location).contains("hunter2"))
  }

  @Test func `a location without configuration is the private server`() throws {
    let location = DatabaseLocation(
      configuration: nil, limits: Self.limits, server: TestServer.server)
    try #require(location.source == .privateServer, "a PG* variable is set here")
    #expect(try location.connect().database == "paretorank")
  }
}
