internal import Interactions
internal import PostgresLogs
public import RunConfiguration

/// Holds a configuration against the live database, before a night is lost.
///
/// The server counts, in one pass over the time column and one over the rows that a run would
/// read; no row travels. Everything that is wrong is found at once.
public struct CheckJob {
  /// What to check.
  public var configuration: RunConfiguration
  /// Whether rows, labels and values are counted, too; otherwise columns and their types are looked at
  /// alone, which takes no time.
  public var countsRows = true
  /// Whether it is a night that is about to begin.
  var isNight = false

  /// A check of a configuration, each time that it is run.
  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// Checks everything.
  ///
  /// - Returns: What was found; ``Report/problems`` is empty where training would start.
  /// - Throws: ``PostgresError`` where the database can't be reached or the rows not be read at all,
  ///   ``JobError/cancelled``.
  public func run(_ context: JobContext) throws -> Report {
    let location = DatabaseLocation(configuration)
    let connection = try location.connect(isCancelled: context.isCancelled)
    let impressions = configuration.impressions
    var report = Report(
      database: "\(connection.database) at \(connection.host)", source: impressions.rows.name)
    let query = LogQuery(
      source: impressions.rows.source, condition: impressions.condition,
      vectorColumns: configuration.features.vectorColumns)
    let source = try CheckedSource(query.sql(on: connection), on: connection)

    var columns = CheckedColumns(source, configuration)
    columns.checkLog()
    report.problems += columns.problems
    report.warnings += configuration.idleSettings + columns.warnings
    report.columns = columns.reports
    try checkNight(connection, &report)
    try checkCandidates(connection, &report)

    if countsRows, source.kind(of: impressions.time) == .time {
      context.onProgress(JobProgress(stage: "counting", done: 0))
      try count(query, source, columns, connection, &report)
    }
    try context.checkCancelled()
    return report
  }

  /// Counts rows, labels and values.
  private func count(
    _ query: LogQuery, _ source: CheckedSource, _ columns: CheckedColumns,
    _ connection: PostgresConnection, _ report: inout Report
  ) throws {
    let span = try connection.timeSpan(of: configuration.impressions.time, in: source.sql)
    report.rows = span.rows
    guard let first = span.first, let last = span.last else {
      report.add(.data, "\(report.source) has no rows")
      return
    }
    report.first = Timestamp.text(first)
    report.last = Timestamp.text(last)
    let needed = configuration.split.neededWindow(newest: last)
    if span.withoutTime > 0, needed == nil {
      report.add(
        .data, "\(span.withoutTime) rows have no finite time in \(configuration.impressions.time)")
    }
    if span.inFuture > 0 {
      report.warnings.append(
        "\(span.inFuture) rows lie in the future; the newest is of \(Timestamp.text(last))")
    }
    let windows: [TimeWindow?]
    do {
      windows = try configuration.split.windows(endingAt: last, startingAt: first)
    } catch {
      report.add(.configuration, error.description)
      return
    }
    var windowed = query
    windowed.timeColumn = configuration.impressions.time
    windowed.window = needed
    let counts = try LogCounts(
      of: windowed.sql(on: connection), configuration, windows: windows, columns: columns,
      on: connection)
    counts.fill(&report, configuration, windows: windows, span: (first, last))
  }

  /// Holds the scoring section against the candidates.
  private func checkCandidates(
    _ connection: PostgresConnection, _ report: inout Report
  ) throws {
    guard let scoring = configuration.scoring else { return }
    do {
      let query = LogQuery(
        source: scoring.candidates.source, condition: scoring.condition,
        vectorColumns: configuration.features.vectorColumns)
      let source = try CheckedSource(query.sql(on: connection), on: connection)
      var columns = CheckedColumns(source, configuration)
      columns.checkCandidates(scoring)
      // A mistake in both places is the feature's.
      for problem in columns.problems where !report.problems.contains(problem) {
        report.add(problem.kind, "scoring.candidates: \(problem.message)")
      }
    } catch let error as PostgresError where !error.isUnreachable && error != .cancelled {
      report.add(.configuration, "scoring.candidates: \(error.description)")
    }
  }
}
