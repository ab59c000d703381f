package import Interactions
package import Networks
internal import Optimizers
package import RunConfiguration
package import Training

/// A night's training as it begins: the numbers of a former model in tables of its own.
package struct WarmStart {
  /// To make the night's engine with.
  package let weights: Weights
  /// Where the night's run begins.
  package let position: TrainingPosition
  private let combining: CombiningState
  private let elements: ElementState?
  private let rowMaps: [RowMap]

  /// Gives the night's engine, made with ``weights``, what the former model's combiner had learnt.
  package func restoreCombining(to engine: TrainingEngine) {
    engine.carry(combining, elements, along: rowMaps)
  }

  /// Reads what a model's training goes on from.
  ///
  /// - Parameters:
  ///   - model: Opened for training.
  ///   - configuration: Of the night; as the model's in all that
  ///     ``StoredModel/differenceForWarmStart(_:)`` looks at.
  ///   - features: Those of the model, extended.
  /// - Throws: ``ModelFileError`` where the model's state is damaged.
  package init(
    _ model: StoredModel, _ configuration: RunConfiguration, features: FittedFeatures
  ) throws {
    let fresh = try configuration.makeCombining()
    // The former night's average is in its weights already; tonight's begins with them.
    let kept = KeptNumbers(
      for: fresh, averageHorizon: model.description.configuration.averageHorizon(steps: 1),
      weights: model.weights)
    let state = try model.savedState(into: kept, fresh: fresh)
    elements = kept.elements
    combining = state.combining
    position = TrainingPosition(after: state.position)
    rowMaps = features.rowMaps(from: model.features)
    weights = model.weights.carried(
      into: configuration.makeNetwork(
        schema: features.schema, taskNames: model.description.taskNames),
      along: rowMaps, seed: configuration.training.seed)
  }
}

extension StoredModel {
  /// The first setting in which a configuration differs from the model's so that training can't go on
  /// from its numbers; nil if none.
  package func differenceForWarmStart(_ configuration: RunConfiguration) -> String? {
    let former = description.configuration
    let configuration = configuration.resolved(like: former)
    let (rule, formerRule) = (configuration.optimizer.rule, former.optimizer.rule)
    let settings = [
      ("impressions.key", configuration.rowKey == former.rowKey),
      ("tasks", configuration.tasks.map(\.name) == description.taskNames),
      (
        "tasks.after",
        !former.network.architecture.followsFunnel || former.network.architecture == .asymmetric
          || configuration.funnel == former.funnel
      ),
      (
        "tasks.reads",
        former.network.architecture != .asymmetric || configuration.reads == former.reads
      ),
      ("features", configuration.features == features.features.map(\.definition)),
      ("network", configuration.network == former.network),
      ("combiner", configuration.combiner == former.combiner),
      (
        "tasks.weight",
        !former.combiner.takesTaskWeights || configuration.taskWeights == former.taskWeights
      ),
      (
        "optimizer.kind",
        rule.kind == formerRule.kind && rule.momentCount == formerRule.momentCount
      ),
    ]
    return settings.first { !$0.1 }?.0
  }
}
