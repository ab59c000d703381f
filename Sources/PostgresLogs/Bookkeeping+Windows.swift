/// Which rows a run used for a task.
public struct RunWindow: Codable, Sendable, Equatable {
  public enum Purpose: String, Codable, Sendable { case training, evaluation, scoring }

  public var purpose: Purpose
  /// Empty for all rows, whatever the task.
  public var task: String
  /// The first time that belongs to it; nil where it is open.
  public var from: Moment?
  /// The first time that doesn't belong to it any more; nil where it is open.
  public var to: Moment?
  public var rows: Int?
  public var positives: Int?

  public init(
    purpose: Purpose, task: String = "", from: Moment? = nil, to: Moment? = nil, rows: Int? = nil,
    positives: Int? = nil
  ) {
    self.purpose = purpose
    self.task = task
    self.from = from
    self.to = to
    self.rows = rows
    self.positives = positives
  }
}

extension Bookkeeping {
  /// Notes which rows a run uses; a window that was there already is replaced.
  public func record(_ windows: [RunWindow], run: Int) throws {
    try connection.withTransaction {
      for window in windows {
        try connection.execute(
          """
          INSERT INTO paretorank.windows
            (run_id, purpose, task, window_from, window_to, row_count, positives)
          VALUES ($1::int8, $2, $3, \(Moment.time(ofParameter: 4)),
            \(Moment.time(ofParameter: 5)), $6::int8, $7::int8)
          ON CONFLICT (run_id, purpose, task) DO UPDATE SET window_from = excluded.window_from,
            window_to = excluded.window_to, row_count = excluded.row_count,
            positives = excluded.positives
          """,
          [
            "\(run)", window.purpose.rawValue, window.task,
            window.from.map { "\($0.microseconds)" }, window.to.map { "\($0.microseconds)" },
            window.rows.map { "\($0)" }, window.positives.map { "\($0)" },
          ])
      }
    }
  }

  /// Which rows a run used.
  public func windows(ofRun run: Int) throws(PostgresError) -> [RunWindow] {
    try connection.query(
      """
      SELECT purpose, task, row_count, positives, \(Moment.sql("window_from")) AS window_from,
        \(Moment.sql("window_to")) AS window_to
      FROM paretorank.windows WHERE run_id = $1::int8
      ORDER BY array_position(ARRAY['training', 'evaluation', 'scoring'], purpose), task
      """, ["\(run)"]
    ).map { (row) throws(PostgresError) in
      RunWindow(
        purpose: try row.needed("purpose", row.text("purpose").flatMap(RunWindow.Purpose.init)),
        task: row.text("task") ?? "", from: row.moment("window_from"), to: row.moment("window_to"),
        rows: row.integer("row_count"), positives: row.integer("positives"))
    }
  }
}
