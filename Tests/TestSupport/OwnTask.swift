public import Networks

/// Whose a number of a network is, as its name says.
public enum OwnTask {
  /// The task whose loss alone reaches a number; nil where several tasks' do.
  public static func of(
    _ name: String, in architecture: Architecture = .mmoe, funnel: Funnel = TinyLog.funnel
  ) -> Int? {
    let tasks = reach(of: name, in: architecture, funnel: funnel)
    return tasks.count == 1 ? tasks[0] : nil
  }

  /// The tasks whose losses reach a number, ascending.
  ///
  /// A task's own experts feed all tasks where another level follows, and along a funnel later
  /// tasks read what earlier ones compute.
  public static func reach(
    of name: String, in architecture: Architecture = .mmoe, funnel: Funnel = TinyLog.funnel
  ) -> [Int] {
    let all = Array(TinyLog.taskNames.indices)
    var parts = name.split(separator: "/")[...]
    let isInner = parts.first == "level0"
    if parts.first?.hasPrefix("level") == true { parts = parts.dropFirst() }
    guard let task = parts.first.flatMap({ TinyLog.taskNames.firstIndex(of: String($0)) }) else {
      return all
    }
    let part = parts.dropFirst().first ?? ""
    if isInner && part.hasPrefix("expert") { return all }
    switch architecture {
    case .esmm, .escm2:
      return part == "imputation" ? [task] : all.filter { funnel.chain(to: $0).contains(task) }
    case .aitm where part == "tower" || part == "logit":
      // What follows a task directly is held against it.
      return all.filter { $0 == task || funnel.predecessors[$0] == task }
    case .aitm: return all.filter { funnel.chain(to: $0).contains(task) }
    case .asymmetric where part == "bottom":
      return all.filter { $0 == task || funnel.predecessors[$0] == task }
    default: return [task]
    }
  }
}
