public import Interactions

extension DriftProfile {
  /// Looks over a night's new rows.
  ///
  /// Rows and labels are all counted; what columns and features hold is counted in a seeded
  /// sample, whole users at a time.
  ///
  /// - Parameters:
  ///   - log: The log, encoded with `features`.
  ///   - rows: The new rows.
  ///   - features: How the log was encoded.
  ///   - days: The days that the new rows come from, above 0.
  ///   - labelled: By task, the rows whose label has become known, where they aren't the new rows.
  ///   - missing: The share of NULLs in each column that has any, as a reading found it; nil where
  ///     that isn't known. What the log itself tells goes before it.
  ///   - former: The profile that this one will be held against; numbers are counted between its
  ///     borders, too.
  ///   - limit: About how many rows to sample.
  ///   - seed: Of the sample.
  /// - Complexity: O(rows + sample · features) time; memory for the sample alone.
  public init(
    of log: EncodedLog, rows: RowSelection, features: FittedFeatures, days: Double,
    labelled: [String: RowSelection] = [:], missing: [String: Double]? = nil,
    since former: DriftProfile? = nil, sampling limit: Int = 100_000, seed: UInt64 = 0
  ) {
    precondition(days > 0, "rows of \(days) days")
    precondition(limit > 0, "a sample of \(limit) rows")
    precondition(log.schema == features.schema, "a log of other features")
    let sample = ClusterSample(of: rows, in: log, limit: limit, seed: seed)
    self.init(rows: rows.count, days: days, clustering: sample.clustering)
    tasks = log.taskNames.enumerated().map { index, name in
      let own = labelled[name].map { ClusterSample(of: $0, in: log, limit: limit, seed: seed) }
      return Task(
        name, labels: log.labels[index], rows: labelled[name] ?? rows, sample: own ?? sample)
    }
    guard !sample.rows.isEmpty else { return }
    for feature in features.features {
      let view = FeatureView(feature, of: log, features)
      let name = feature.definition.name
      let values = view.measured(
        over: sample, missing: missing.map { $0[feature.definition.column] ?? 0 },
        since: former?.features.first { $0.name == name }?.histogram)
      self.features.append(values.feature)
      guard let share = values.missing,
        !columns.contains(where: { $0.name == feature.definition.column })
      else { continue }
      columns.append(Column(name: feature.definition.column, missing: share))
    }
  }
}

extension DriftProfile.Task {
  /// Counts all labels, and in the sample how those of one user resemble each other.
  fileprivate init(
    _ name: String, labels: Interactions.Column<UInt8>, rows: RowSelection, sample: ClusterSample
  ) {
    var counts = (0, 0)
    func add(_ label: UInt8) {
      counts.0 += label <= 1 ? 1 : 0
      counts.1 += label == 1 ? 1 : 0
    }
    switch rows {
    case .range(let range):
      unsafe labels.withUnsafeBuffer { labels in for row in range { unsafe add(labels[row]) } }
    case .list: for index in 0..<rows.count { add(labels[rows[index]]) }
    }
    let sampled = sample.counts(2) { row, counts in
      if labels[row] <= 1 { counts.add(Int(labels[row])) }
    }
    self.init(
      name: name, known: counts.0, positives: counts.1, designEffect: sampled.designEffect)
  }
}
