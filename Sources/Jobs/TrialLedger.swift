internal import Files
import Foundation
internal import Interactions
internal import Synchronization

/// What trials on one data set came to, kept in a folder, so that none is trained twice.
///
/// `trials.jsonl` has a line for each, appended when it ends; a line that was cut short by a crash
/// is passed over, and its trial trained again. `KEY.scores` has a trial's scores of the test rows:
/// single-precision numbers, task by task. Whoever uses the folder holds a lock on `trials.jsonl`
/// with others, so that nobody removes it.
final class TrialLedger: Sendable {
  private struct Line: Codable {
    var key: String
    var trial: Trial
  }

  private let folder: String
  /// Of `trials.jsonl`, open to append to.
  private let descriptor: Int32
  private let trials: Mutex<[String: Trial]>

  /// Data sets of which trials are kept; those of the others are removed, oldest first.
  private static let keptDataSets = 4

  /// Opens or creates the ledger of a data set in `directory`; `fresh` forgets what is there.
  ///
  /// - Throws: ``JobError/notKept(path:reason:)`` where the folder can't be written.
  init(directory: String, data digest: String, fresh: Bool = false) throws(JobError) {
    folder = "\(directory)/\(digest)"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .notKept(path: folder, reason: error.localizedDescription)
    }
    let path = Self.linesPath(folder)
    descriptor = unsafe open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .notKept(path: path, code: errno) }
    flock(descriptor, LOCK_SH)
    trials = Mutex(fresh ? [:] : Self.read(path))
    Self.removeOldDataSets(in: directory, but: digest)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  subscript(key: String) -> Trial? { trials.withLock { $0[key] } }

  /// Keeps what a trial came to; `scores` are on the disk before the line that vouches for them.
  func add(_ trial: Trial, key: String, scores: [[Float]]?) throws {
    if let scores { try write(scores, to: scoresPath(key)) }
    // The line break before keeps it apart from one that was cut short.
    let line = Array(("\n" + (try Line(key: key, trial: trial).json()) + "\n").utf8)
    try trials.withLock { trials in
      let path = Self.linesPath(folder)
      try unsafe line.withUnsafeBytes { try unsafe Self.write($0, to: descriptor, path) }
      guard fsync(descriptor) == 0 else { throw JobError.notKept(path: path, code: errno) }
      trials[key] = trial
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

  // MARK: Files

  private static func linesPath(_ folder: String) -> String { "\(folder)/trials.jsonl" }

  private func scoresPath(_ key: String) -> String { "\(folder)/\(key).scores" }

  private func write(_ scores: [[Float]], to path: String) throws {
    do {
      let entry = try PartialEntry(.file, for: path)
      for scores in scores {
        try unsafe scores.withUnsafeBytes { try unsafe Self.write($0, to: entry.descriptor, path) }
      }
      guard fsync(entry.descriptor) == 0 else { throw JobError.notKept(path: path, code: errno) }
      try entry.move(to: path)
    } catch let error as PartialEntryProblem {
      throw JobError.notKept(path: path, reason: "\(error)")
    }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
  ) throws {
    do throws(FileProblem) {
      try unsafe writeAll(bytes, to: descriptor)
    } catch {
      switch error {
      case .notAFile: throw JobError.notKept(path: path, reason: "it is not a file")
      case .system(let code): throw JobError.notKept(path: path, code: code)
      }
    }
  }

  private static func read(_ path: String) -> [String: Trial] {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    var found: [String: Trial] = [:]
    for line in text.split(separator: "\n") {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { continue }
      found[line.key] = line.trial
    }
    return found
  }

  /// Removes the ledgers of older data sets that nobody uses, and nothing else.
  private static func removeOldDataSets(in directory: String, but digest: String) {
    let others = entryNames(in: directory)
      .filter { $0 != digest && $0.wholeMatch(of: /[0-9a-f]{16}/) != nil }
      .compactMap { name -> (folder: String, time: Date)? in
        let folder = "\(directory)/\(name)"
        let attributes = try? FileManager.default.attributesOfItem(atPath: linesPath(folder))
        return (attributes?[.modificationDate] as? Date).map { (folder, $0) }
      }
    for old in others.sorted(by: { $0.time > $1.time }).dropFirst(keptDataSets - 1) {
      let descriptor = unsafe open(linesPath(old.folder), O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        try? FileManager.default.removeItem(atPath: old.folder)
      }
      close(descriptor)
    }
  }
}

extension JobError {
  fileprivate static func notKept(path: String, code: Int32) -> JobError {
    .notKept(path: path, reason: unsafe String(cString: strerror(code)))
  }
}
