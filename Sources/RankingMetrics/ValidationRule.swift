/// What makes one model better than another on the same rows.
public enum ValidationRule: String, Codable, Sendable, CaseIterable {
  /// The mean of the tasks' AUC, over the tasks that have one.
  case meanAUC = "mean_auc"
  /// The lowest AUC of a task.
  case worstAUC = "worst_auc"
  /// The mean of the tasks' log losses, which is better the lower it is.
  case meanLogLoss = "mean_log_loss"

  /// A number that is higher for the better model; nil where no task's rows define it.
  public func value(of tasks: [TaskMetrics]) -> Double? {
    switch self {
    case .meanAUC: Self.mean(tasks.compactMap(\.auc))
    case .worstAUC: tasks.compactMap(\.auc).min()
    case .meanLogLoss: Self.mean(tasks.compactMap(\.logLoss)).map(-)
    }
  }

  /// The same for one of the tasks.
  public func value(of task: TaskMetrics) -> Double? {
    switch self {
    case .meanAUC, .worstAUC: task.auc
    case .meanLogLoss: task.logLoss.map(-)
    }
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
