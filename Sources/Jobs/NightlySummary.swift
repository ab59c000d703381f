public import Foundation
public import Gates
public import RankingMetrics

/// What the last nights of a model did, as its report shows them.
public struct NightlySummary: Sendable {
  /// How a run ended.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// It has not ended.
    case running
    /// Its model is, or was, the current one.
    case published
    /// The gate refused its model, and somebody published it all the same.
    case forced
    /// The gate refused its model.
    case refused
    /// No row was new, so there was nothing to train on.
    case nothingNew = "nothing new"
    /// It ended without a model to judge.
    case failed
  }

  /// One task's metrics on the window on which models are compared.
  public struct Task: Sendable {
    public var name: String
    /// The run's own model; nil where there is none.
    public var candidate: TaskMetrics?
    /// The model that was the current one then, on the same rows.
    public var current: TaskMetrics?

    public init(name: String, candidate: TaskMetrics? = nil, current: TaskMetrics? = nil) {
      self.name = name
      self.candidate = candidate
      self.current = current
    }
  }

  /// A part of a run.
  public struct Stage: Sendable {
    public var name: String
    public var seconds: Double

    public init(name: String, seconds: Double) {
      self.name = name
      self.seconds = seconds
    }
  }

  /// One night.
  public struct Run: Sendable {
    public var number: Int64
    public var started: Date
    public var state: State
    /// Why it was refused, forced or failed.
    public var reason: String?
    /// New rows that it read.
    public var rows: Int?
    public var tasks: [Task]
    /// In the order in which they ran.
    public var stages: [Stage]
    public var drift: DriftProfile?
    public var verdict: GateVerdict?

    public init(
      number: Int64, started: Date, state: State, reason: String? = nil, rows: Int? = nil,
      tasks: [Task] = [], stages: [Stage] = [], drift: DriftProfile? = nil,
      verdict: GateVerdict? = nil
    ) {
      self.number = number
      self.started = started
      self.state = state
      self.reason = reason
      self.rows = rows
      self.tasks = tasks
      self.stages = stages
      self.drift = drift
      self.verdict = verdict
    }
  }

  /// Whose nights these are.
  public var model: String
  /// The oldest first; the last one is tonight's.
  ///
  /// The page shows the newest ``longest`` of them.
  public var runs: [Run]

  public init(model: String, runs: [Run]) {
    self.model = model
    self.runs = runs
  }

  /// So many runs are shown.
  public static let longest = 30
}
