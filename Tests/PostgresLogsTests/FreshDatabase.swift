import DatabaseTestSupport
import Foundation
import PostgresLogs

/// A database of a test's own on the tests' server.
struct FreshDatabase {
  let url: String
  let connection: PostgresConnection

  init() throws {
    let name = "fresh_" + UUID().uuidString.prefix(8).lowercased()
    try TestServer.connect().execute("CREATE DATABASE \(name)")
    url = try TestServer.url.get().replacing("/paretorank?", with: "/\(name)?")
    connection = try PostgresConnection(url)
  }

  func connect() throws -> PostgresConnection { try PostgresConnection(url) }

  /// Bookkeeping over a connection of its own, as another process has it.
  func others() throws -> Bookkeeping { try Bookkeeping(connect()) }
}
