internal import Files
import Foundation
internal import Interactions
internal import Synchronization

/// What trials on one data set came to, kept in a folder, so that none is trained twice.
///
/// `trials.jsonl` has a line for each, appended when it ends; a line that was cut short by a crash
/// is passed over, and its trial trained again. `KEY.scores` has a trial's scores of the test rows:
/// single-precision numbers, task by task.
final class TrialLedger: Sendable {
  private struct Line: Codable {
    var key: String
    var trial: Trial?
    /// Why training failed, where it did.
    var failure: String?
  }

  /// What is known of a trial.
  enum Entry: Sendable {
    case trained(Trial)
    case failed(String)
  }

  private let folder: String
  private let entries: Mutex<[String: Entry]>

  /// Data sets of which trials are kept; those of the others are removed, oldest first.
  private static let keptDataSets = 4

  /// Opens or creates the ledger of a data set in `directory`.
  init(directory: String, data digest: String) throws {
    folder = "\(directory)/\(digest)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    entries = Mutex(try Self.read("\(folder)/trials.jsonl"))
    Self.removeOldDataSets(in: directory, but: digest)
  }

  subscript(key: String) -> Entry? { entries.withLock { $0[key] } }

  /// Keeps what a trial came to; `scores` are written first, so that whoever sees the line has them.
  func add(_ entry: Entry, key: String, scores: [[Float]]? = nil) throws {
    if let scores {
      let data = scores.reduce(into: Data()) { data, scores in
        unsafe scores.withUnsafeBytes { bytes in unsafe data.append(contentsOf: bytes) }
      }
      try data.write(to: URL(fileURLWithPath: scoresPath(key)), options: .atomic)
    }
    let line =
      switch entry {
      case .trained(let trial): Line(key: key, trial: trial)
      case .failed(let reason): Line(key: key, failure: reason)
      }
    try entries.withLock { entries in
      // The line break before keeps it apart from one that was cut short.
      try append("\n" + (try line.json()) + "\n")
      entries[key] = entry
    }
  }

  /// A trial's scores of `rowCount` test rows, task by task; nil where they were not kept.
  func scores(key: String, taskCount: Int, rowCount: Int) -> [Column<Float>]? {
    guard let file = try? MappedFile(scoresPath(key)),
      unsafe file.bytes.count == taskCount * rowCount * MemoryLayout<Float>.stride
    else { return nil }
    let values = unsafe file.bytes.bindMemory(to: Float.self)
    guard let base = values.baseAddress else {
      return Array(repeating: Column([]), count: taskCount)
    }
    return (0..<taskCount).map { task in
      unsafe Column(owner: file, base: base + task * rowCount, count: rowCount)
    }
  }

  private func scoresPath(_ key: String) -> String { "\(folder)/\(key).scores" }

  /// Adds a line in one write, so that several processes may do so.
  private func append(_ line: String) throws {
    let path = "\(folder)/trials.jsonl"
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data(line.utf8))
    try file.synchronize()
  }

  private static func read(_ path: String) throws -> [String: Entry] {
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    var found: [String: Entry] = [:]
    for line in text.split(separator: "\n") {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { continue }
      if let trial = line.trial { found[line.key] = .trained(trial) }
      if let failure = line.failure { found[line.key] = .failed(failure) }
    }
    return found
  }

  private static func removeOldDataSets(in directory: String, but digest: String) {
    let files = FileManager.default
    let others = ((try? files.contentsOfDirectory(atPath: directory)) ?? [])
      .filter { $0 != digest }
      .map { name -> (path: String, time: Date) in
        let path = "\(directory)/\(name)"
        let attributes = try? files.attributesOfItem(atPath: "\(path)/trials.jsonl")
        return (path, attributes?[.modificationDate] as? Date ?? .distantPast)
      }
    for old in others.sorted(by: { $0.time > $1.time }).dropFirst(keptDataSets - 1) {
      try? files.removeItem(atPath: old.path)
    }
  }
}
