/// Where a PostgreSQL server's programs are installed.
struct PostgresPrograms {
  /// Holds `initdb`, `pg_ctl` and `postgres`.
  let directory: String

  /// Finds the programs: by `pg_config`, in the places of the distributions, on the path.
  ///
  /// With `version`, only programs of that major version will do.
  init(version: String?) throws(PostgresError) {
    var seen: [String] = []
    for directory in Self.candidates() where !seen.contains(directory) {
      guard
        ["initdb", "pg_ctl", "postgres"].allSatisfy({
          Files.isExecutable("\(directory)/\($0)")
        })
      else { continue }
      seen.append(directory)
      let found = version == nil ? nil : try Self.majorVersion(in: directory)
      if found == version {
        self.directory = directory
        return
      }
    }
    let install = "install it, for example with: apt-get install postgresql"
    if let version, !seen.isEmpty {
      throw .privateServer(
        "its data needs PostgreSQL \(version), which isn't among \(seen.joined(separator: ", ")); "
          + install + "-\(version)")
    }
    throw .privateServer("initdb, pg_ctl and postgres aren't installed here; " + install)
  }

  private static func candidates() -> [String] {
    var found: [String] = []
    if let configured = try? ChildProcess(["pg_config", "--bindir"]), configured.status == 0 {
      found.append(configured.output.trimmingSpaces())
    }
    for pattern in ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"] {
      found += Files.matching(pattern).sorted { number(in: $0) > number(in: $1) }
    }
    return found + ChildProcess.searchPath.split(separator: ":").map(String.init)
  }

  /// The version number in a directory's name.
  private static func number(in path: String) -> Int { Int(path.filter(\.isNumber)) ?? 0 }

  /// The first number of `postgres (PostgreSQL) 15.4`.
  private static func majorVersion(in directory: String) throws(PostgresError) -> String? {
    try ChildProcess(["\(directory)/postgres", "--version"]).output
      .split { !$0.isNumber }.first.map(String.init)
  }
}
