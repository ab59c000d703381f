import ArgumentParser
import PostgresLogs

/// `paretorank database`.
struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "database",
    abstract: "Looks after the private server and the bookkeeping schema.",
    discussion: """
      The private PostgreSQL server of a directory keeps its data in .paretorank/postgres and \
      listens on a Unix socket alone. Commands start it where neither the configuration nor a \
      PG* variable names a database.

        psql "$(paretorank database url)"
      """,
    subcommands: [Start.self, Stop.self, Address.self, Migrate.self])

  private struct ServerReport: Encodable {
    var server: String
    var url: String?
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start", abstract: "Starts the private server.",
      discussion: "It goes on running after the command.\n\n  paretorank database start")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let url = try PrivateServer().start()
      try common.write(ServerReport(server: "running", url: url)) { url + "\n" }
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stop", abstract: "Stops the private server; its data stays.",
      discussion: "Connections are closed.\n\n  paretorank database stop")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let server = PrivateServer()
      try server.stop()
      let isAbsent = server.status == .absent
      try common.write(ServerReport(server: isAbsent ? "absent" : "stopped", url: nil)) {
        isAbsent ? "there is no private server here\n" : "stopped\n"
      }
    }
  }

  struct Address: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "url", abstract: "Says how to connect to the private server.",
      discussion: "It need not run.\n\n  psql \"$(paretorank database url)\"")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let server = PrivateServer()
      let isRunning: Bool
      if case .running = server.status { isRunning = true } else { isRunning = false }
      let url = server.url
      try common.write(ServerReport(server: isRunning ? "running" : "stopped", url: url)) {
        url + "\n"
      }
    }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "migrate", abstract: "Brings the bookkeeping schema up to date.",
      discussion: """
        Other commands do the same before they write there. The database is the configuration's, \
        else that of the PG* variables, else the private server's.

          paretorank database migrate
        """)

    @OptionGroup var common: CommonOptions

    private struct Report: Encodable {
      var version: Int
      var applied: [Int]
    }

    func run() throws {
      let connection = try common.database(of: common.configurationIfPresent())
        .connect(isCancelled: { Interruption.isRequested })
      let applied = try Migrations.apply(on: connection)
      let version = try Migrations.version(on: connection)
      try common.write(Report(version: version, applied: applied)) {
        applied.isEmpty
          ? "the schema paretorank is up to date at version \(version)\n"
          : "the schema paretorank is now at version \(version)\n"
      }
    }
  }
}
