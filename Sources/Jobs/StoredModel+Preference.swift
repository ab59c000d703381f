internal import Networks

extension StoredModel {
  /// What a conditioned model is told for weights of some of its tasks; nil for other models.
  ///
  /// Tasks left out have weight 0; without any weights all tasks count the same.
  ///
  /// - Throws: ``JobError/badWeights(_:)`` where the model is of one set of weights, a name is none of
  ///   its tasks, or the weights are no numbers that could be shared out.
  func preference(for named: [String: Double]?) throws(JobError) -> Preference? {
    let taskNames = description.taskNames
    guard weights.network.isConditioned else {
      guard named == nil else {
        throw .badWeights(
          "\(path) was trained for one trade-off, so it takes no weights; "
            + "train with combiner.kind=conditioned to choose them later")
      }
      return nil
    }
    guard let named else { return .equal(taskCount: taskNames.count) }
    for (name, weight) in named.sorted(by: { $0.key < $1.key }) {
      guard taskNames.contains(name) else {
        throw .badWeights(
          "weights: there is no task \"\(name)\"; the tasks are "
            + taskNames.joined(separator: ", "))
      }
      guard weight.isFinite, weight >= 0 else {
        throw .badWeights("weights: \(name): \(weight) is not a number ≥ 0")
      }
    }
    guard named.values.contains(where: { $0 > 0 }) else {
      throw .badWeights("weights: one of them must be above 0")
    }
    return Preference(taskNames.map { named[$0] ?? 0 })
  }

  /// A preference by the tasks' names, as reports tell it.
  func named(_ preference: Preference?) -> [String: Double]? {
    preference.map {
      Dictionary(uniqueKeysWithValues: zip(description.taskNames, $0.shares))
    }
  }
}
