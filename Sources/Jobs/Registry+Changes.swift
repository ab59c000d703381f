internal import Foundation
internal import Logging
internal import ModelFiles
public import PostgresLogs

extension Registry {
  /// What a pruning deleted, or would delete.
  public struct PruneReport: Codable, Sendable {
    public var name: String
    /// Whether nothing was deleted.
    public var dryRun: Bool
    /// The models whose directories went.
    public var pruned: [Bookkeeping.Model]
    /// The versions whose directories are kept.
    public var kept: [Int]

    private enum CodingKeys: String, CodingKey {
      case name, pruned, kept
      case dryRun = "dry_run"
    }
  }

  /// Makes a version of a name the current model.
  ///
  /// One that the gate refused needs a reason.
  ///
  /// - Throws: ``JobError/locked(model:holder:)`` while a run works on models of this name,
  ///   ``RegistryError``, and ``ModelFileError`` where the model's directory is missing or damaged.
  public func promote(_ name: String, version: Int, reason: String? = nil) throws -> ModelSwitch {
    try holdingLock(of: name) { books in
      let model = try books.model(name, version: version)
      if model.state == .refused, reason == nil {
        throw RegistryError.refused(
          version: version, name: name,
          reason: try model.run.flatMap { try books.run($0)?.reason })
      }
      try check(model)
      return try books.promoteModel(model.id, reason: reason)
    }
  }

  /// Goes back to the model that was current before, or to a version that ever was.
  ///
  /// - Throws: As ``promote(_:version:reason:)``.
  public func rollback(
    _ name: String, to version: Int? = nil, reason: String? = nil
  ) throws -> ModelSwitch {
    try holdingLock(of: name) { books in
      try check(books.rollbackTarget(name, to: version))
      return try books.rollback(name, to: version, reason: reason)
    }
  }

  /// Deletes the directories of a name's models but for the `count` newest that ever were current; the
  /// registry remembers the models.
  ///
  /// The current model stays, the one that a rollback would go to, unless `includingPrevious`, those
  /// of unfinished runs, and of the models that never were current the newest; all `count` newest
  /// while none ever was. `dryRun` only says what would go.
  ///
  /// - Throws: As ``promote(_:version:reason:)``. Models are pruned one by one: those before the
  ///   error are gone, the next pruning goes on with the others.
  public func prune(
    _ name: String, keeping count: Int, includingPrevious: Bool = false, dryRun: Bool = false
  ) throws -> PruneReport {
    try holdingLock(of: name) { books in
      guard try !books.models(name: name).isEmpty else {
        throw RegistryError.unknownName(name, known: try books.modelNames())
      }
      var pruned: [Bookkeeping.Model]
      if dryRun {
        pruned = try books.models(name: name).filter { $0.state == .pruning }
        pruned += try books.prunable(name, keeping: count, includingPrevious: includingPrevious)
      } else {
        pruned = try Self.prune(
          name, keeping: count, includingPrevious: includingPrevious, books, context)
      }
      let gone = Set(pruned.map(\.id))
      let kept = try books.models(name: name).filter { $0.state.isKept && !gone.contains($0.id) }
      return PruneReport(
        name: name, dryRun: dryRun, pruned: pruned, kept: kept.map(\.version).sorted())
    }
  }

  /// Prunes for one who holds the lock of the name's models; answers the models that went.
  static func prune(
    _ name: String, keeping count: Int, includingPrevious: Bool = false, _ books: Bookkeeping,
    _ context: JobContext
  ) throws -> [Bookkeeping.Model] {
    let models = try books.prune(name, keeping: count, includingPrevious: includingPrevious)
    let needed = Set(try books.models().filter(\.state.isKept).map(\.path))
    for model in models {
      let isNeeded = needed.contains(model.path)
      if try isNeeded || !ModelDirectory.remove(model.path, digest: model.digest) {
        context.logger.warning(
          "\(model.path) holds another model than version \(model.version) of \(name); it stays")
      }
      try books.finishPruning(model.id)
    }
    return models
  }

  /// Lets no run work on models of a name meanwhile.
  private func holdingLock<R>(of name: String, _ body: (Bookkeeping) throws -> R) throws -> R {
    let connection = try location.connect(isCancelled: context.isCancelled)
    let lock = try ModelLock(model: name, on: connection)
    defer { lock.release() }
    return try body(Bookkeeping(connection))
  }

  /// Reads a model's whole directory and holds it against what the registry noted.
  private func check(_ model: Bookkeeping.Model) throws {
    guard model.state.isKept else {
      throw RegistryError.pruned(version: model.version, name: model.name)
    }
    guard try ModelDirectory(opening: model.path).digest == model.digest else {
      throw RegistryError.changed(version: model.version, name: model.name, path: model.path)
    }
  }
}
