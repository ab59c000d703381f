import Foundation
import PostgresLogs

/// What goes wrong in a night.
enum Fault: String, CaseIterable {
  case none
  /// The tool is killed.
  case kill
  /// The server's processes for the tool end.
  case backends
  /// The server crashes and comes back.
  case crash
  /// All connections break, and for a while there are no new ones.
  case cut
  /// Files may not grow beyond a size.
  case fileSize
  /// The file system is full.
  case diskFull
  /// The machine's clock is wrong by days.
  case clock
  /// A second run starts beside the first.
  case two
  /// A kill during training, then the newest checkpoint is damaged.
  case checkpoint
  /// A kept file of the log is damaged.
  case columns
  /// The gate refuses the model.
  case refusal
  /// Impressions arrive while the night is at work.
  case arrivals
}

extension GrowingShop {
  /// Runs a night in which this goes wrong, after `delay` where it has a moment.
  func night(with fault: Fault, after delay: Duration) throws -> CommandResult {
    switch fault {
    case .none: return try run("nightly")
    case .refusal: return try run("nightly", "--set", "nightly.gate.minimum_positives=1000000")
    case .clock:
      return try run(
        "nightly", under: ["/usr/bin/faketime", "-f", delay > .seconds(1) ? "+3d" : "-3d"])
    case .diskFull where isSmall:
      try fill(butFor: Int.random(in: 0...300_000))
      defer { try? removeBallast() }
      return try run("nightly")
    case .fileSize, .diskFull:
      let room = Int.random(in: 1...200)
      return try run(
        "nightly", under: ["/bin/bash", "-c", "ulimit -f \(room); exec \"$0\" \"$@\""])
    case .columns:
      // Open days are read again anyway.
      try damage(under: ".paretorank/days") { !$0.hasSuffix(".open.day") }
      return try run("nightly")
    case .two:
      let first = try start(["nightly"])
      let second = try start(["nightly"], as: "second")
      let results = [try finish(first), try finish(second, as: "second")]
      return results.first { ![0, 75].contains($0.status) }
        ?? results.first { $0.status == 0 } ?? results[0]
    case .kill, .checkpoint, .backends, .crash, .cut, .arrivals:
      let process = try start(["nightly"])
      usleep(UInt32(delay / .microseconds(1)))
      try strike(fault, process)
      let result = try finish(process)
      if fault == .crash { try reconnect() }
      if fault == .checkpoint { try damage(under: ".paretorank/nights") }
      return result
    }
  }

  private func strike(_ fault: Fault, _ process: Process) throws {
    switch fault {
    case .kill, .checkpoint: kill(process.processIdentifier, SIGKILL)
    case .backends:
      try connection.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
        """)
    case .crash:
      if case .running(let number) = server.status { kill(Int32(number), SIGQUIT) }
      while case .running = server.status { usleep(10_000) }
      try reconnect()
    case .cut: proxy.cut(refusingFor: .milliseconds(Int.random(in: 0...2_000)))
    case .arrivals: try grow(byHours: 1)
    default: break
    }
  }

  /// Changes a byte of the newest file below a folder, of those whose path is fit.
  func damage(under name: String, where isFit: (String) -> Bool = { _ in true }) throws {
    let root = "\(place)/\(name)"
    let files = FileManager.default
    let paths = (files.enumerator(atPath: root)?.allObjects ?? []).compactMap { $0 as? String }
    let dated = paths.compactMap { path -> (String, Date)? in
      guard isFit(path), let attributes = try? files.attributesOfItem(atPath: "\(root)/\(path)"),
        attributes[.type] as? FileAttributeType == .typeRegular,
        let size = attributes[.size] as? Int, size > 0,
        let date = attributes[.modificationDate] as? Date
      else { return nil }
      return ("\(root)/\(path)", date)
    }
    guard let newest = dated.max(by: { $0.1 < $1.1 }) else { return }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: newest.0))
    bytes[Int.random(in: 0..<bytes.count)] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: newest.0))
  }
}
