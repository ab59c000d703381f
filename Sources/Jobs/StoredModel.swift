internal import Combiners
public import Foundation
public import Interactions
internal import ModelFiles
public import Networks
internal import Optimizers
public import RankingMetrics
public import RunConfiguration
public import Training

/// What a model directory says about its model, beside the numbers.
public struct ModelDescription: Codable, Sendable {
  public var name: String
  public var createdAt: Date
  /// As trained; a database password is left out.
  public var configuration: RunConfiguration
  public var features: FittedFeatures.Settings
  public var taskNames: [String]
  /// The time windows of the split, by name; absent for random splits.
  public var windows: [String: TimeWindow]
  /// Rows of each part of the split, by name.
  public var rows: [String: Int]
  public var reading: ReadingSummary
  public var epochs: [EpochSummary]
  /// Metrics on the validation rows at the end of training, by task; empty without such rows.
  public var validation: [String: TaskMetrics]
}

/// A model that was read from its directory, ready to score, or to go on training.
public struct StoredModel {
  public let path: String
  /// Changes with every byte of the model.
  public let digest: String
  public let description: ModelDescription
  public let features: FittedFeatures
  public let weights: Weights

  /// Reads and checks a model directory.
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - forTraining: Whether to make room for the optimizer's moments.
  /// - Throws: ``ModelFileError`` where the directory is no model or is damaged.
  public init(opening path: String, forTraining: Bool = false) throws {
    let directory = try ModelDirectory(opening: path)
    let description = try directory.model(as: ModelDescription.self)
    var vocabularies: [String: Vocabulary] = [:]
    for (index, name) in description.features.vocabularies.enumerated() {
      vocabularies[name] = try Vocabulary(bytes: directory.bytes(of: Self.vocabularyFile(index)))
    }
    let features = try FittedFeatures(
      settings: description.features, vocabularies: vocabularies)
    let network = description.configuration.network.make(
      schema: features.schema, taskNames: description.taskNames)
    let weights = Weights(
      network: network,
      momentCount: forTraining ? description.configuration.optimizer.rule.momentCount : 0,
      seed: nil)
    try WeightsFile.restore(weights, from: directory.path(for: WeightsFile.weightsName))
    self.path = path
    digest = directory.digest
    self.description = description
    self.features = features
    self.weights = weights
  }

  /// The state of training that was saved with the model, put into its weights' moments.
  func restoreState() throws -> (position: TrainingPosition, combining: SavedCombining) {
    let metadata = try WeightsFile.restoreState(
      weights, from: "\(path)/\(WeightsFile.stateName)")
    guard let position = metadata["position"], let combining = metadata["combining"] else {
      throw ModelFileError.damaged(path, reason: "the training state is incomplete")
    }
    return (
      try JSONDecoder().decode(TrainingPosition.self, from: Data(position.utf8)),
      SavedCombining(json: combining)
    )
  }

  /// Writes a model directory beside its final name and renames it into place; answers its digest.
  static func write(
    _ description: ModelDescription, features: FittedFeatures, weights: Weights,
    position: TrainingPosition, combining: Combining, to path: String
  ) throws -> String {
    do {
      return try writeFiles(
        description, features: features, weights: weights, position: position,
        combining: combining, to: path)
    } catch ModelFileError.noRoom(_, let reason) {
      // Files are written in a hidden folder first, whose name would tell nobody anything.
      throw ModelFileError.noRoom(path, reason: reason)
    }
  }

  private static func writeFiles(
    _ description: ModelDescription, features: FittedFeatures, weights: Weights,
    position: TrainingPosition, combining: Combining, to path: String
  ) throws -> String {
    let writer = try ModelDirectoryWriter(destination: path)
    try WeightsFile.write(weights, to: writer.path(for: WeightsFile.weightsName))
    try WeightsFile.writeState(
      weights, to: writer.path(for: WeightsFile.stateName),
      metadata: [
        "position": try position.json(), "combining": try SavedCombining(combining).json,
      ])
    for (index, name) in features.settings.vocabularies.enumerated() {
      try writer.write(
        features.vocabularies[name]?.bytes ?? [], to: vocabularyFile(index))
    }
    return try writer.finish(description, productVersion: ProductVersion.current)
  }

  /// Vocabularies are numbered, because features may have names that files can't.
  private static func vocabularyFile(_ index: Int) -> String { "vocabularies/\(index).vocabulary" }
}

/// The state of a combiner as JSON.
struct SavedCombining {
  let json: String

  init(json: String) { self.json = json }

  init(_ combining: Combining) throws {
    switch combining {
    case .losses(let weighting): json = try weighting.json()
    case .gradients(let combiner): json = try combiner.json()
    case .elements(let combiner): json = try combiner.json()
    }
  }

  /// A combiner of the same kind as `fresh` in the saved state.
  func restored(_ fresh: Combining) throws -> Combining {
    func decode<C: Decodable>(_ fresh: C) throws -> C {
      try JSONDecoder().decode(C.self, from: Data(json.utf8))
    }
    return switch fresh {
    case .losses(let weighting): .losses(try decode(weighting))
    case .gradients(let combiner): .gradients(try decode(combiner))
    case .elements(let combiner): .elements(try decode(combiner))
    }
  }
}
