/// Holds a night's new rows against the former night's, so that a broken feed isn't learned from.
///
/// A measure fails only if chance can't explain it: its whole interval, which misses the truth once
/// in fifty thousand times, lies beyond the limit; an index of stability exceeds its limit by more
/// than ``PopulationStability/chance``. Rows of one user count for less than as many rows of many
/// users.
public struct DriftCheck: Sendable {
  private let settings: GateSettings

  public init(settings: GateSettings) { self.settings = settings }

  /// What was measured, in the order of the profile.
  ///
  /// - Parameters:
  ///   - tonight: The new rows, counted with `former` as their former profile.
  ///   - former: The profile of the newest night whose model was published. One that was refused must
  ///     not be the measure, or what broke would pass the night after.
  /// - Returns: One check a measure that both nights have; none where there is no former night, or
  ///   one without rows: then nothing can be compared.
  public func findings(of tonight: DriftProfile, since former: DriftProfile?) -> [GateCheck] {
    guard let former, former.rows > 0 else { return [] }
    var checks = [rows(tonight, former)]
    for task in tonight.tasks {
      if let old = former.tasks.first(where: { $0.name == task.name }), old.known > 0,
        let check = labelRate(task, old)
      {
        checks.append(check)
      }
    }
    for column in tonight.columns {
      guard let old = former.columns.first(where: { $0.name == column.name }) else { continue }
      checks.append(
        rise(.missing, column.name, column.missing, old.missing, limit: settings.missingRise))
    }
    for feature in tonight.features {
      guard let old = former.features.first(where: { $0.name == feature.name }) else { continue }
      if let new = feature.withoutEmbedding, let old = old.withoutEmbedding {
        checks.append(rise(.newIDs, feature.name, new, old, limit: settings.newIDRise))
      }
      if let new = feature.onFormer ?? feature.histogram, let old = old.histogram,
        let stability = PopulationStability(new, since: old)
      {
        let limit = settings.stability + stability.chance
        checks.append(
          GateCheck(
            .stability, of: feature.name, value: stability.value, limit: limit,
            passed: stability.value <= limit))
      }
    }
    return checks
  }

  private func rows(_ tonight: DriftProfile, _ former: DriftProfile) -> GateCheck {
    func rate(_ profile: DriftProfile) -> Change.Rate {
      Change.Rate(count: profile.rows, exposure: profile.days, designEffect: profile.clustering)
    }
    return ratio(
      .rows, "", Change(ratioOf: rate(tonight), to: rate(former)), limit: settings.rowRatio,
      tonight: tonight.rowsPerDay, former: former.rowsPerDay)
  }

  /// Nil where no label was positive, either night.
  private func labelRate(
    _ task: DriftProfile.Task, _ former: DriftProfile.Task
  ) -> GateCheck? {
    guard task.known > 0 else {
      return GateCheck(
        .labelRate, of: task.name, value: nil, limit: settings.labelRatio, former: former.rate,
        passed: false, note: "no label is known")
    }
    func rate(_ task: DriftProfile.Task) -> Change.Rate {
      Change.Rate(
        count: task.positives, exposure: Double(task.known), designEffect: task.designEffect)
    }
    guard let change = Change(ratioOf: rate(task), to: rate(former)) else { return nil }
    return ratio(
      .labelRate, task.name, change, limit: settings.labelRatio, tonight: task.rate,
      former: former.rate)
  }

  private func ratio(
    _ measure: GateCheck.Measure, _ subject: String, _ change: Change?, limit: Double,
    tonight: Double?, former: Double?
  ) -> GateCheck {
    let isBelow = change?.high.map { $0 < 1 / limit } ?? false
    let isAbove = change.map { $0.low > limit } ?? false
    return GateCheck(
      measure, of: subject, value: change?.value, low: change?.low, high: change?.high,
      limit: limit, tonight: tonight, former: former, passed: !isBelow && !isAbove)
  }

  private func rise(
    _ measure: GateCheck.Measure, _ subject: String, _ tonight: DriftProfile.Share,
    _ former: DriftProfile.Share, limit: Double
  ) -> GateCheck {
    let change = Change(riseOf: tonight, from: former)
    return GateCheck(
      measure, of: subject, value: change.value, low: change.low, high: change.high, limit: limit,
      tonight: tonight.value, former: former.value, passed: change.low <= limit)
  }
}
