import Networks

/// Whose a number of a network is, as its name says.
public enum OwnTask {
  /// The task whose loss alone reaches a number; nil where several tasks' do.
  ///
  /// A task's own experts feed all tasks where another level follows.
  public static func of(_ name: String, taskNames: [String] = TinyLog.taskNames) -> Int? {
    var parts = name.split(separator: "/")[...]
    let isInner = parts.first == "level0"
    if parts.first?.hasPrefix("level") == true { parts = parts.dropFirst() }
    guard let task = parts.first.flatMap({ taskNames.firstIndex(of: String($0)) }) else {
      return nil
    }
    return isInner && parts.dropFirst().first?.hasPrefix("expert") == true ? nil : task
  }
}
