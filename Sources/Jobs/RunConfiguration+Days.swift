internal import Interactions
internal import RunConfiguration

// What the nightly job reads of a configuration's log.

extension RunConfiguration {
  /// The columns' roles where every row is told from all others.
  var identifyingRoles: LogRoles {
    var roles = trainingRoles
    roles.key = impressions.key
    roles.identifiesRows = true
    return roles
  }

  /// The columns that these roles and the features read, each once.
  var identifyingColumns: [String] {
    guard let key = impressions.key, !trainingColumns.contains(key) else {
      return trainingColumns
    }
    return trainingColumns + [key]
  }

  /// What a row's key is made of.
  var rowKey: [String?] {
    if let key = impressions.key { return [key] }
    return [impressions.request, impressions.user, impressions.item, impressions.time]
  }

  /// Time from the end of a day until its rows and labels can change no more, in microseconds.
  var settlingTime: Int64 { (tasks.compactMap(\.window).max() ?? 0) + nightly.lateness }
}
