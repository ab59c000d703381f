import Foundation

/// What a nightly run tells Prometheus; ``write(to:)`` makes the file.
///
/// Every metric begins with `paretorank_nightly_` and has the label `model`, the model's name. What a run
/// didn't get to, or couldn't learn, is left out.
public struct NightlyMetrics: Sendable, Equatable {
  /// How a run ended.
  public enum State: String, Sendable, CaseIterable {
    case published, refused, failed
    /// There was nothing to train on.
    case nothingNew = "nothing_new"
  }

  /// A stage that ended.
  public struct Stage: Sendable, Equatable {
    public var name: String
    public var seconds: Double
    /// Rows that it worked on; nil where it has none.
    public var rows: Int?

    public init(name: String, seconds: Double, rows: Int? = nil) {
      self.name = name
      self.seconds = seconds
      self.rows = rows
    }
  }

  /// What was measured of a task on the evaluation window.
  public struct Quality: Sendable, Equatable {
    /// Which of the two models.
    public enum Role: String, Sendable { case candidate, current }

    public var task: String
    public var role: Role
    public var auc: Double?
    public var aucLow: Double?
    public var aucHigh: Double?
    /// Predicted over observed positives.
    public var calibration: Double?

    public init(
      task: String, role: Role, auc: Double?, aucLow: Double? = nil, aucHigh: Double? = nil,
      calibration: Double?
    ) {
      self.task = task
      self.role = role
      self.auc = auc
      self.aucLow = aucLow
      self.aucHigh = aucHigh
      self.calibration = calibration
    }
  }

  /// The model's name.
  public var model: String
  /// The number of the run in `paretorank.runs`.
  public var run: Int?
  public var state: State
  public var exitStatus: Int32
  /// In microseconds since 1970 UTC, like every time here.
  public var startedAt: Int64
  public var finishedAt: Int64
  /// In the order in which they ran; no name comes twice.
  public var stages: [Stage] = []
  public var qualities: [Quality] = []
  /// Nil where the run didn't get to the gate.
  public var gatePassed: Bool?
  /// Of the model that is current after the run.
  public var modelVersion: Int?
  public var modelCreatedAt: Int64?
  /// The clock of the data that the run saw.
  public var dataClock: Int64?
  /// When a run last published; nil takes it from the file that is replaced.
  public var lastSuccessAt: Int64?

  public init(
    model: String, run: Int? = nil, state: State, exitStatus: Int32, startedAt: Int64,
    finishedAt: Int64
  ) {
    self.model = model
    self.run = run
    self.state = state
    self.exitStatus = exitStatus
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }

  /// Replaces the file at `path`, whose name should end in `.prom`.
  ///
  /// Where the run couldn't learn when one last published, what the file says stays, so that an alarm
  /// about that works also on a night without a database.
  ///
  /// - Throws: ``JobError/notKept(path:reason:)`` where it can't be written; the older one then stays.
  public func write(to path: String) throws(JobError) {
    var metrics = self
    if state == .published {
      metrics.lastSuccessAt = lastSuccessAt ?? finishedAt
    } else if lastSuccessAt == nil {
      metrics.lastSuccessAt = Self.lastSuccess(of: model, in: path)
    }
    try metrics.file.write(to: path)
  }

  /// The metrics in Prometheus's form.
  public var file: PrometheusFile {
    var file = PrometheusFile()
    addRun(to: &file)
    addStages(to: &file)
    addQualities(to: &file)
    addModel(to: &file)
    return file
  }

  // MARK: - Parts

  private static let prefix = "paretorank_nightly_"
  private static let successName = prefix + "last_success_timestamp_seconds"

  private func addRun(to file: inout PrometheusFile) {
    let states = State.allCases.map {
      PrometheusFile.Sample($0 == state ? 1 : 0, labels: labels(["state": $0.rawValue]))
    }
    add("last_run_timestamp_seconds", "When the last run ended.", Self.seconds(finishedAt), &file)
    add("last_run_number", "The number of the last run in paretorank.runs.", run, &file)
    add("last_run_exit_status", "The exit status of the last run.", Double(exitStatus), &file)
    file.add(
      Self.prefix + "last_run_state", help: "1 for the state in which the last run ended.", states)
    add(
      "last_run_duration_seconds", "How long the last run took.",
      Self.seconds(finishedAt - startedAt), &file)
    add(
      "last_success_timestamp_seconds", "When a run last published a model.",
      lastSuccessAt.map(Self.seconds), &file)
  }

  private func addStages(to file: inout PrometheusFile) {
    file.add(
      Self.prefix + "stage_duration_seconds", help: "How long a stage of the last run took.",
      stages.map { .init($0.seconds, labels: labels(["stage": $0.name])) })
    file.add(
      Self.prefix + "stage_rows", help: "Rows that a stage of the last run worked on.",
      stages.compactMap { stage in
        stage.rows.map { .init(Double($0), labels: labels(["stage": stage.name])) }
      })
  }

  private func addQualities(to file: inout PrometheusFile) {
    let parts: [(String, String, KeyPath<Quality, Double?>)] = [
      ("auc", "AUC of a task on the evaluation window.", \.auc),
      ("auc_low", "Lower bound of the AUC's 95 % interval.", \.aucLow),
      ("auc_high", "Upper bound of the AUC's 95 % interval.", \.aucHigh),
      ("calibration", "Predicted over observed positives of a task.", \.calibration),
    ]
    for (name, help, path) in parts {
      file.add(
        Self.prefix + name, help: help,
        qualities.compactMap { quality in
          quality[keyPath: path].map {
            .init($0, labels: labels(["task": quality.task, "role": quality.role.rawValue]))
          }
        })
    }
  }

  private func addModel(to file: inout PrometheusFile) {
    add(
      "gate_passed", "1 if the last run's model passed the gate, 0 if it was refused.",
      gatePassed.map { $0 ? 1 : 0 }, &file)
    add("model_version", "The version of the current model.", modelVersion, &file)
    add(
      "model_created_timestamp_seconds", "When the current model was made.",
      modelCreatedAt.map(Self.seconds), &file)
    add(
      "model_age_seconds", "How old the current model was when the last run ended.",
      modelCreatedAt.map { Self.seconds(finishedAt - $0) }, &file)
    add(
      "data_clock_timestamp_seconds", "Up to when the last run knew the log.",
      dataClock.map(Self.seconds), &file)
    add(
      "data_clock_lag_seconds", "How far the log was behind when the last run began.",
      dataClock.map { Self.seconds(startedAt - $0) }, &file)
  }

  private func add(_ name: String, _ help: String, _ value: Double?, _ file: inout PrometheusFile) {
    file.add(Self.prefix + name, help: help, value, labels: labels([:]))
  }

  private func add(_ name: String, _ help: String, _ value: Int?, _ file: inout PrometheusFile) {
    add(name, help, value.map(Double.init), &file)
  }

  private func labels(_ more: [String: String]) -> [String: String] {
    more.merging(["model": model]) { own, _ in own }
  }

  private static func seconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 }

  /// What an earlier file of the same model says; nil where there is none.
  private static func lastSuccess(of model: String, in path: String) -> Int64? {
    var probe = PrometheusFile()
    probe.add(successName, help: "", 0, labels: ["model": model])
    guard let series = probe.text.split(separator: "\n").last?.dropLast(1),
      let data = FileManager.default.contents(atPath: path)
    else { return nil }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(series) }
    return line.flatMap { Double($0.dropFirst(series.count)) }
      .flatMap { Int64(exactly: ($0 * 1_000_000).rounded()) }
  }
}
