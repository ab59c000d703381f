import Foundation

/// The same network in PyTorch, in a process of its own that waits for one round of work at a time.
final class Peer {
  /// What it says about itself.
  private(set) var settings = ""
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var pending = Data()

  /// Starts `fixtures/peers/reference_network.py` with the given Python.
  init(python: String, threadCount: Int) throws {
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [Self.script, "--threads", "\(threadCount)"]
    process.standardInput = input
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw PeerError.noStart(python: python)
    }
    // Ours is the only end for writing that should stay open, so that a dead peer ends the reading.
    try output.fileHandleForWriting.close()
    settings = try answer(to: "settings")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Rows a second of one round of `training`, `pcgrad` or `scoring`.
  func rate(of work: String, batch: Int) throws -> Double {
    let text = try answer(to: "run \(work) \(batch)")
    guard let rate = Double(text), rate > 0 else { throw PeerError.unexpected(text) }
    return rate
  }

  private func answer(to line: String) throws -> String {
    guard process.isRunning else { throw PeerError.ended }
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending = Data(pending[(end + 1)...]) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { throw PeerError.ended }
      pending.append(data)
    }
  }

  private static var script: String {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/peers/reference_network.py").path
  }
}

/// Why there are no figures of the peer.
enum PeerError: Error, CustomStringConvertible {
  case noStart(python: String)
  case ended
  case unexpected(String)

  var description: String {
    switch self {
    case .noStart(let python): "can't run \(python)"
    case .ended: "the peer ended early; see its message above and fixtures/peers/README.md"
    case .unexpected(let text): "the peer answered \"\(text)\", which is no rate"
    }
  }
}
