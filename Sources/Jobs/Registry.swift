internal import Foundation
internal import Logging
public import ModelFiles
public import PostgresLogs
public import RunConfiguration

/// The runs and models that a database knows: what lists them, tells of them, and changes which
/// model is in use.
public struct Registry {
  let location: DatabaseLocation
  let context: JobContext

  /// The registry in a configuration's database, or in the one that there is without a configuration.
  public init(configuration: RunConfiguration?, context: JobContext) {
    location = DatabaseLocation(
      address: configuration?.database, limits: configuration?.limits ?? .init())
    self.context = context
  }

  /// Nil for a database in which nothing was ever noted; it is left as it is.
  func books() throws -> Bookkeeping? {
    let connection = try location.connect(isCancelled: context.isCancelled)
    return try Migrations.version(on: connection) == 0 ? nil : Bookkeeping(connection)
  }

  // MARK: - Runs

  /// Runs, the newest first.
  public struct RunList: Codable, Sendable {
    public var runs: [Run]
  }

  /// All that is noted of a run.
  public struct RunReport: Codable, Sendable {
    public var run: Run
    /// In the order in which they were begun last.
    public var stages: [Stage]
    public var windows: [RunWindow]
    public var metrics: [Bookkeeping.Metric]
    /// Those that it registered.
    public var models: [Bookkeeping.Model]
    /// The version of the scores that it published and that is still kept.
    public var scores: Int?
    public var findings: RunFindings
  }

  /// Lists the newest runs that fit; nil fits all.
  public func runs(
    kind: RunKind? = nil, model: String? = nil, state: RunState? = nil, limit: Int? = nil
  ) throws -> RunList {
    let runs = try books()?.runs(
      kind: kind?.rawValue, model: model, state: state, limit: limit)
    return RunList(runs: runs ?? [])
  }

  /// Tells of the run of a number.
  ///
  /// - Throws: ``RegistryError/unknownRun(_:)`` where there is none.
  public func run(_ id: Int) throws -> RunReport {
    guard let books = try books(), let run = try books.run(id),
      let findings = try books.findings(ofRun: id)
    else { throw RegistryError.unknownRun(id) }
    return try RunReport(
      run: run, stages: books.stages(ofRun: id), windows: books.windows(ofRun: id),
      metrics: books.metrics(ofRuns: [id])[id] ?? [], models: books.models(ofRun: id),
      scores: books.scoreVersion(ofRun: id), findings: findings)
  }

  // MARK: - Models

  /// A model with what its directory and its run say of it.
  public struct ModelEntry: Codable, Sendable {
    public var model: Bookkeeping.Model
    public var directory: ModelDirectory.State
    /// The AUC of each task in the run that made it, on all windows that it measured.
    public var auc: [Bookkeeping.Metric]
  }

  /// Models, the newest first.
  public struct ModelList: Codable, Sendable {
    public var models: [ModelEntry]
  }

  /// All that is noted of a model.
  public struct ModelReport: Codable, Sendable {
    public var model: Bookkeeping.Model
    public var directory: ModelDirectory.State
    /// The run that made it.
    public var run: Run?
    /// What that run measured.
    public var metrics: [Bookkeeping.Metric]
    /// When it became the current one or ceased to be, the newest first.
    public var promotions: [Promotion]
  }

  /// Lists the models of a name, or all; those whose directories were pruned only if asked.
  public func models(name: String? = nil, includingPruned: Bool = false) throws -> ModelList {
    guard let books = try books() else { return ModelList(models: []) }
    let models = try books.models(name: name).filter { includingPruned || $0.state != .pruned }
    if models.isEmpty, let name {
      throw RegistryError.unknownName(name, known: try books.modelNames())
    }
    let auc = try books.metrics(ofRuns: models.compactMap(\.run), named: "auc")
    return ModelList(
      models: models.map { model in
        ModelEntry(
          model: model, directory: ModelDirectory.state(of: model.path, digest: model.digest),
          auc: model.run.flatMap { auc[$0] } ?? [])
      })
  }

  /// Tells of a model: of a version, or of the current one, else the newest.
  ///
  /// - Throws: ``RegistryError`` where there is none.
  public func model(_ name: String, version: Int? = nil) throws -> ModelReport {
    guard let books = try books() else { throw RegistryError.unknownName(name, known: []) }
    let model: Bookkeeping.Model
    if let version {
      model = try books.model(name, version: version)
    } else if let found = try books.currentModel(name) ?? books.models(name: name).first {
      model = found
    } else {
      throw RegistryError.unknownName(name, known: try books.modelNames())
    }
    return ModelReport(
      model: model, directory: ModelDirectory.state(of: model.path, digest: model.digest),
      run: try model.run.flatMap { try books.run($0) },
      metrics: try model.run.flatMap { try books.metrics(ofRuns: [$0])[$0] } ?? [],
      promotions: try books.promotions(name).filter {
        $0.version == model.version || $0.previous == model.version
      })
  }
}
