import Glibc

/// Where a private server's data and socket are, and who owns them.
struct ServerPlaces {
  static let port = 5432
  /// Longer socket paths don't fit a socket's address, which takes 107 bytes.
  private static let longestSocketDirectory = 90

  /// The path that the user named.
  let directory: String
  /// The data's own path, the same unless the server's user can't reach it.
  let data: String
  /// The directory of the socket, the data's own unless its path is too long for one.
  let socket: String
  /// The user that runs the server; nil for the current one.
  private let owner: Owner?

  private struct Owner {
    var name: String
    var userID: uid_t
    var groupID: gid_t
  }

  init(_ directory: String) {
    self.directory = directory
    owner = geteuid() == 0 ? Self.serverOwner() : nil
    let key = Self.key(directory)
    if let destination = Files.linkDestination(directory) {
      data = destination
    } else if let owner, !Self.canEnter(owner, Files.parent(directory)) {
      data = "/var/lib/paretorank/\(key)"
    } else {
      data = directory
    }
    let isPlain = data.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "/._-".utf8.contains(byte)
    }
    socket =
      isPlain && data.utf8.count <= Self.longestSocketDirectory
      ? data : "/tmp/paretorank-\(geteuid())-\(key)"
  }

  func url(database: String) -> String {
    "postgresql://\(PrivateServer.user)@/\(database)?host=\(socket)&port=\(Self.port)"
  }

  /// The major version that made the data, nil where there is none.
  var version: String? { Files.read("\(data)/PG_VERSION")?.trimmingSpaces() }

  // MARK: - The process

  /// The server's process, nil if none runs on this data.
  ///
  /// A number left over from a crash may belong to another program by now, so the process must
  /// be at home in the data directory, where PostgreSQL's always is.
  var runningProcess: Int? {
    guard let first = Files.read("\(data)/postmaster.pid")?.split(separator: "\n").first,
      let process = Int(first), process > 0,
      let home = Files.linkDestination("/proc/\(process)/cwd")
    else { return nil }
    var here = stat()
    var there = stat()
    guard unsafe stat(data, &here) == 0, unsafe stat(home, &there) == 0 else { return nil }
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino ? process : nil
  }

  /// Removes what a crashed server left behind and a new one would take for a running server.
  func removeStaleProcessFile() throws(PostgresError) {
    guard runningProcess == nil else { return }
    for path in ["\(data)/postmaster.pid", "\(socket)/.s.PGSQL.\(Self.port).lock"]
    where unsafe unlink(path) != 0 && errno != ENOENT {
      throw Files.failure("remove \(path)")
    }
  }

  /// Runs a program as the user who owns the data.
  func runAsOwner(_ arguments: [String]) throws(PostgresError) -> ChildProcess {
    guard let owner else {
      if geteuid() == 0 {
        throw .privateServer(
          "PostgreSQL doesn't run as root and there is no user postgres; create one with: "
            + "useradd --system postgres")
      }
      return try ChildProcess(arguments)
    }
    return try ChildProcess(["runuser", "-u", owner.name, "--"] + arguments)
  }

  // MARK: - Directories and files

  func prepareParents() throws(PostgresError) {
    try Files.makeDirectories(Files.parent(data))
  }

  /// Leaves a link at the named place where the data lies elsewhere.
  func linkData() throws(PostgresError) {
    if data == directory || Files.linkDestination(directory) == data { return }
    guard unsafe symlink(data, directory) == 0 else { throw Files.failure("create \(directory)") }
  }

  /// Makes a directory that only the server's user can enter, or checks that it is one.
  func makeOwnedDirectory(_ path: String) throws(PostgresError) {
    if unsafe mkdir(path, 0o700) == 0 {
      try giveToOwner(path)
      return
    }
    var found = stat()
    guard errno == EEXIST, unsafe lstat(path, &found) == 0 else {
      throw Files.failure("create \(path)")
    }
    guard found.st_mode & S_IFMT == S_IFDIR, found.st_uid == owner?.userID ?? geteuid(),
      found.st_mode & 0o077 == 0
    else { throw .privateServer("\(path) exists and isn't a directory of its user alone") }
  }

  /// Writes a file of the data directory.
  func writeOwned(_ text: String, to name: String) throws(PostgresError) {
    let path = "\(data)/\(name)"
    try Files.write(text, to: path)
    try giveToOwner(path)
  }

  private func giveToOwner(_ path: String) throws(PostgresError) {
    guard let owner else { return }
    guard unsafe chown(path, owner.userID, owner.groupID) == 0 else {
      throw Files.failure("give \(path) to \(owner.name)")
    }
  }

  /// The user that the PostgreSQL packages create.
  private static func serverOwner() -> Owner? {
    guard let entry = unsafe getpwnam("postgres") else { return nil }
    return unsafe Owner(
      name: "postgres", userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
  }

  /// Whether a user may pass through a directory and all above it.
  private static func canEnter(_ owner: Owner, _ directory: String) -> Bool {
    var found = stat()
    guard unsafe stat(directory, &found) == 0 else { return false }
    let bit: mode_t =
      found.st_uid == owner.userID ? 0o100 : found.st_gid == owner.groupID ? 0o010 : 0o001
    return found.st_mode & bit != 0
      && (directory == "/" || canEnter(owner, Files.parent(directory)))
  }

  /// Sixteen characters that stand for a path (FNV-1a).
  private static func key(_ path: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
