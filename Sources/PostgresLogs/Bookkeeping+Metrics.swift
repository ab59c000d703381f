extension Bookkeeping {
  /// One number that a run measured.
  public struct Metric: Codable, Sendable, Equatable {
    /// Such as `test` or `2026-03-01/2026-03-02`.
    public var window: String
    /// Empty for a number over all tasks.
    public var task: String
    public var name: String
    public var value: Double
    /// Bounds of the 95 % interval, where there is one.
    public var low: Double?
    public var high: Double?

    private enum CodingKeys: String, CodingKey {
      case window, task, value, low, high
      case name = "metric"
    }

    public init(
      window: String, task: String, name: String, value: Double, low: Double? = nil,
      high: Double? = nil
    ) {
      self.window = window
      self.task = task
      self.name = name
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// Notes what a run measured; a number that was there already is replaced.
  public func record(_ metrics: [Metric], run: Int) throws {
    try connection.withTransaction {
      for metric in metrics {
        try connection.execute(
          """
          INSERT INTO paretorank.metrics (run_id, time_window, task, metric, value, low, high)
          VALUES ($1::int8, $2, $3, $4, $5::float8, $6::float8, $7::float8)
          ON CONFLICT (run_id, time_window, task, metric)
          DO UPDATE SET value = excluded.value, low = excluded.low, high = excluded.high
          """,
          [
            "\(run)", metric.window, metric.task, metric.name, "\(metric.value)",
            metric.low.map { "\($0)" }, metric.high.map { "\($0)" },
          ])
      }
    }
  }

  /// What runs measured, by run; of one metric, or of all.
  public func metrics(
    ofRuns runs: [Int], named name: String? = nil
  ) throws(PostgresError) -> [Int: [Metric]] {
    var found: [Int: [Metric]] = [:]
    let rows = try connection.query(
      """
      SELECT run_id, time_window, task, metric, value, low, high FROM paretorank.metrics
      WHERE run_id = ANY ($1::int8[]) AND ($2::text IS NULL OR metric = $2)
      ORDER BY run_id, time_window, task, metric
      """, ["{\(runs.map { "\($0)" }.joined(separator: ","))}", name])
    for row in rows.rows.indices {
      let row = NamedRow(rows, row)
      let metric = Metric(
        window: row.text("time_window") ?? "", task: row.text("task") ?? "",
        name: row.text("metric") ?? "", value: try row.needed("value", row.number("value")),
        low: row.number("low"), high: row.number("high"))
      found[try row.needed("run_id", row.integer("run_id")), default: []].append(metric)
    }
    return found
  }
}
