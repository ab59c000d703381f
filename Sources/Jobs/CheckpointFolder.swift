internal import Files
import Foundation
internal import ModelFiles
internal import Networks
package import Training

/// A folder of checkpoints of one training at a time, of which the newest two stay.
///
/// A checkpoint is a directory like a model's: written beside its name, each file with its checksum,
/// and renamed when the disk has all of it. So a process that is killed at any moment leaves whole
/// checkpoints; one that was damaged otherwise is passed over for the one before.
package final class CheckpointFolder {
  /// What a run must have in common with a checkpoint to go on from it.
  package struct Key: Codable, Sendable, Equatable {
    /// Of the program.
    var version: String
    var data: String
    var settings: String

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - data: The digest of the log.
    ///   - settings: All else that the numbers depend on.
    package init(data: String, settings: [String]) {
      version = ProductVersion.current
      self.data = data
      self.settings = SHA256.hexadecimal(of: Array(settings.joined(separator: "\n").utf8))
    }

    /// What a run of another key differs in; nil if nothing.
    func difference(from other: Key) -> String? {
      if version != other.version { return "by version \(other.version) of paretorank" }
      if data != other.data { return "for other rows or features" }
      return settings == other.settings ? nil : "with other settings"
    }
  }

  /// What a checkpoint says beside the numbers.
  private struct Description: Codable {
    var key: Key
    var progress: LoopProgress
    /// Of training up to here.
    var seconds: Double
  }

  /// A checkpoint that was found whole; the engine has its numbers.
  package struct Found {
    package var progress: LoopProgress
    /// The passes that early stopping may go back to.
    package var kept: [RunState]
    /// Of training up to there, former processes included.
    package var seconds: Double
  }

  private let path: String
  private let lock: FolderLock
  /// The checkpoints of this run, ascending.
  private var own: [Int] = []

  private static let prefix = "checkpoint-"

  private static func keptFolder(_ number: Int) -> String { "kept-\(number)/" }

  /// Opens the folder, which is made where there is none.
  ///
  /// - Throws: ``JobError/busy(_:)`` where another process has it.
  package init(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard let lock = try FolderLock(path) else {
      throw JobError.busy("another run keeps its checkpoints in \(path)")
    }
    self.path = path
    self.lock = lock
  }

  /// Adds a checkpoint and removes all but the newest two of this run.
  ///
  /// - Throws: What kept it from being written; then older checkpoints are as they were.
  package func save(_ loop: TrainingLoop, key: Key, seconds: Double) throws {
    let number = (numbers.last ?? 0) + 1
    let writer = try ModelDirectoryWriter(destination: place(number))
    try StateFiles.write(RunState(of: loop.engine, at: loop.position), to: writer)
    for (number, state) in loop.kept.enumerated() {
      try StateFiles.write(state, to: writer, folder: Self.keptFolder(number))
    }
    try writer.finish(
      Description(key: key, progress: loop.progress, seconds: seconds),
      productVersion: ProductVersion.current)
    own = (own + [number]).suffix(2)
    for old in numbers where !own.contains(old) { try? remove(old) }
  }

  /// Gives an engine the numbers of the newest checkpoint that is whole and of this key.
  ///
  /// - Parameters:
  ///   - key: The run's.
  ///   - engine: The run's, with its combiner in a fresh state.
  ///   - onPassedOver: Told which newer checkpoint can't be used, and why.
  /// - Returns: The checkpoint; nil where there is none.
  /// - Throws: ``ModelFileError`` where a whole checkpoint can't be put into the engine.
  package func latest(
    key: Key, for engine: TrainingEngine, onPassedOver: (_ path: String, _ reason: String) -> Void
  ) throws -> Found? {
    for number in numbers.reversed() {
      let place = place(number)
      let directory: ModelDirectory
      let description: Description
      do {
        directory = try ModelDirectory(opening: place)
        description = try directory.model()
      } catch {
        onPassedOver(place, error.reason)
        continue
      }
      if let difference = key.difference(from: description.key) {
        onPassedOver(place, "it was written \(difference)")
        continue
      }
      let found = try restore(directory, description, to: engine)
      own = [number]
      return found
    }
    return nil
  }

  /// Removes all checkpoints, as when their model is written, and the folder if nothing else is there.
  package func remove() throws {
    for number in numbers { try remove(number) }
    for name in entryNames(in: path) where PartialEntry.isPartial(name) {
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    if entryNames(in: path).isEmpty { try FileManager.default.removeItem(atPath: path) }
  }

  private func restore(
    _ directory: ModelDirectory, _ description: Description, to engine: TrainingEngine
  ) throws -> Found {
    let fresh = engine.combining
    func read(
      _ weights: Weights, _ kept: KeptNumbers, folder: String
    ) throws -> (combining: CombiningState, position: TrainingPosition) {
      try WeightsFile.restore(
        weights, from: directory.path(for: folder + WeightsFile.weightsName))
      return try StateFiles.restore(
        weights, kept, fresh: fresh, from: "\(directory.path)/\(folder)")
    }
    var kept: [RunState] = []
    while directory.files[Self.keptFolder(kept.count) + WeightsFile.weightsName] != nil {
      let folder = Self.keptFolder(kept.count)
      kept.append(try RunState(like: engine) { try read($0, $1, folder: folder) })
    }
    engine.combiningState = try read(engine.weights, engine.kept, folder: "").combining
    return Found(progress: description.progress, kept: kept, seconds: description.seconds)
  }

  /// Whether a folder has a checkpoint.
  package static func holdsAny(_ path: String) -> Bool { !numbers(in: path).isEmpty }

  /// The numbers of all checkpoints in the folder, ascending.
  private var numbers: [Int] { Self.numbers(in: path) }

  private static func numbers(in path: String) -> [Int] {
    entryNames(in: path).compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
    }.sorted()
  }

  private func place(_ number: Int) -> String { "\(path)/\(Self.prefix)\(number)" }

  private func remove(_ number: Int) throws {
    try FileManager.default.removeItem(atPath: place(number))
  }
}

extension ModelFileError {
  /// Why a checkpoint can't be used, without what to do about a model.
  fileprivate var reason: String {
    switch self {
    case .damaged(_, let reason): "it is damaged (\(reason))"
    case .missingFile(_, let name): "it is damaged (\(name) is missing)"
    case .notAModel: "it is damaged (model.json is missing)"
    default: description
    }
  }
}
