import Foundation
internal import PostgresLogs
internal import RunConfiguration

// Whether a night that did not end can be gone on with.

extension NightlyJob {
  /// An unfinished run is gone on with for so long after its beginning, in microseconds: before the
  /// next night's.
  static let longestRun: Int64 = 20 * 3_600_000_000

  /// Why an unfinished run can't be gone on with, whose files are then removed; nil where it can.
  func whyUnfit(_ run: Run, _ registry: Bookkeeping) throws -> String? {
    let finished = try registry.stages(ofRun: run.id).filter { $0.state == .finished }
    let read = try? finished.first { $0.name == NightlyStage.read.rawValue }?.detail?
      .decoded(as: ReadDetail.self)
    let done = Set(finished.compactMap { NightlyStage(rawValue: $0.name) })
    let reason = try whyUnfit(run, read, done, registry)
    if reason != nil, let read, !done.contains(.train) {
      // Nobody knows of the model yet, if it was written at all.
      try? FileManager.default.removeItem(atPath: read.model)
    }
    return reason
  }

  private func whyUnfit(
    _ run: Run, _ read: ReadDetail?, _ done: Set<NightlyStage>, _ registry: Bookkeeping
  ) throws -> String? {
    if let age = try registry.age(ofRun: run.id), Int64(age * 1e6) > Self.longestRun {
      return "it began \(Int(age / 3_600)) hours ago"
    }
    let noted = (try? configuration.notedJSON()).flatMap(JSONValue.init(json:))
    let former = try registry.findings(ofRun: run.id)?.configuration
    if former.map({ dependedOn($0, by: done) }) != noted.map({ dependedOn($0, by: done) }) {
      return "another configuration"
    }
    guard let read, !done.contains(.publish) else { return nil }
    if try registry.currentModel(configuration.output.name)?.id != read.former {
      return "another model has become the current one since"
    }
    return done.contains(.gate)
      ? nil
      : NightFiles(folder: nightFolder(ofRun: run.id))
        .whyUnusable(withCurrent: read.current != nil)
  }

  /// What a night's finished stages depend on of its configuration.
  ///
  /// The gate's settings count until it has judged, and then its verdict stands.
  private func dependedOn(_ noted: JSONValue, by done: Set<NightlyStage>) -> JSONValue {
    var free =
      [["limits"]]
      + ["report", "metrics_file", "keep", "checkpoint", "gate"].map {
        ["nightly", $0]
      }
    if !done.contains(.score) { free.append(["scoring"]) }
    return free.reduce(noted) { $0.without($1[...]) }
  }
}

extension JSONValue {
  /// The same but for what lies at a path of keys.
  fileprivate func without(_ path: ArraySlice<String>) -> JSONValue {
    guard case .object(var entries) = self, let key = path.first else { return self }
    entries[key] = path.count == 1 ? nil : entries[key]?.without(path.dropFirst())
    return .object(entries)
  }
}
