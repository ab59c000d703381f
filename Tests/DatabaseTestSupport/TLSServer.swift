import Foundation
import PostgresLogs

/// A server that speaks TLS on a loopback address, with certificates that `openssl` made for it.
///
/// Its certificate names ``name``, which no network knows: clients say `host` and `hostaddr`. The whole
/// of 127.0.0.0/8 is this machine, so that servers of several test runs get along on one port.
public final class TLSServer {
  /// What the server answers a client who asks for TLS.
  public enum Identity: String, CaseIterable {
    case valid, expired
    /// It doesn't speak TLS.
    case none
  }

  public struct SetupError: Error { public var output: String }

  /// The host that the certificates name.
  public static let name = "db.paretorank.test"

  /// Holds the keys and certificates.
  public let folder: String
  private let server: PrivateServer
  private let address: String
  private let admin: String

  public init() throws {
    folder = "/tmp/paretorank-tls-\(UUID().uuidString)"
    let process = Int(getpid())
    address = "127.\(1 + process >> 16 & 0x7F).\(process >> 8 & 0xFF).\(process & 0xFF)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Self.makeCertificates(in: folder)
    server = PrivateServer(
      directory: folder + "/postgres",
      options: .init(isDurable: false, authenticationRules: ["host all all 127.0.0.0/8 trust"]))
    admin = try server.start()
    let connection = try PostgresConnection(admin)
    for (name, value) in [
      ("listen_addresses", address), ("ssl_cert_file", folder + "/valid.crt"),
      ("ssl_key_file", folder + "/server.key"), ("ssl", "on"),
    ] {
      try connection.execute("ALTER SYSTEM SET \(name) = \(connection.quotedLiteral(value))")
    }
    try server.stop()
    try server.start()
  }

  deinit {
    try? server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Shows new clients this certificate, or none.
  public func show(_ identity: Identity) throws {
    let connection = try PostgresConnection(admin)
    if identity == .none {
      try connection.execute("ALTER SYSTEM SET ssl = off")
    } else {
      let path = try connection.quotedLiteral("\(folder)/\(identity.rawValue).crt")
      try connection.execute("ALTER SYSTEM SET ssl_cert_file = \(path)")
      try connection.execute("ALTER SYSTEM SET ssl = on")
    }
    try connection.execute("SELECT pg_reload_conf()")
    // The server takes its settings up when it gets to it, each process by itself.
    let wanted = identity == .none ? "off" : "on \(folder)/\(identity.rawValue).crt"
    let asked =
      identity == .none
      ? "current_setting('ssl')"
      : "current_setting('ssl') || ' ' || current_setting('ssl_cert_file')"
    for _ in 0..<200 where try PostgresConnection(admin).value("SELECT \(asked)") != wanted {
      usleep(20_000)
    }
  }

  /// A connection string that asks for the most, unless told otherwise.
  public func url(
    host: String = TLSServer.name, authority: String = "ca", mode: String = "verify-full"
  ) -> String {
    "postgresql://postgres@\(host)/paretorank?hostaddr=\(address)&sslmode=\(mode)"
      + "&sslrootcert=\(folder)/\(authority).crt"
  }

  /// Two authorities, `ca` and `other`, and certificates of the first for the server.
  private static func makeCertificates(in folder: String) throws {
    let script = """
      set -e
      cd '\(folder)'
      for authority in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=ParetoRank's test $authority" \
          -keyout $authority.key -out $authority.crt
      done
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=\(name)' -keyout server.key -out server.csr
      echo 'subjectAltName = DNS:\(name)' > names
      openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
        -extfile names -out valid.crt
      openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days -1 \
        -extfile names -out expired.crt
      chmod 600 server.key
      if [ "$(id -u)" = 0 ]; then chown postgres server.key; fi
      chmod 755 .
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw SetupError(output: String(decoding: text, as: UTF8.self))
    }
  }
}
