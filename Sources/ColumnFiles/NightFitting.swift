public import Interactions

/// How the features of a night follow from those of the nights before.
public struct NightFitting: Sendable {
  /// What there was before.
  public enum Start: Sendable {
    /// Nothing: numbers and vocabularies are learned from the night's rows.
    case fresh([FeatureDefinition])
    /// The features of a model and the histories of its vocabularies, which grow and shrink.
    case extending(FittedFeatures, histories: [String: VocabularyHistory])
  }

  /// Chooses among rows, by their times in ascending order and their keys where the log has any.
  public typealias Counting =
    @Sendable (_ times: Column<Int64>, _ keys: Column<Int64>?) throws -> RowSelection

  var start: Start
  var clock: Int64
  var evictAfter: Int64?
  var counting: Counting

  /// Describes a night.
  ///
  /// - Parameters:
  ///   - start: What there was before.
  ///   - clock: The data's own time, in microseconds since 1970 UTC.
  ///   - evictAfter: Time after which ids that were not seen are forgotten, in microseconds; nil for
  ///     never.
  ///   - counting: Says which rows are counted for vocabularies: each only once over all nights.
  public init(
    _ start: Start, clock: Int64, evictAfter: Int64?, counting: @escaping Counting
  ) {
    self.start = start
    self.clock = clock
    self.evictAfter = evictAfter
    self.counting = counting
  }
}

extension SpilledLog {
  /// Learns from a night's rows and from the nights before what features need.
  func fit(
    _ night: NightFitting
  ) throws -> (features: FittedFeatures, histories: [String: VocabularyHistory]) {
    let rows = try night.counting(try times(), try keys())
    let former: FittedFeatures
    var histories: [String: VocabularyHistory] = [:]
    switch night.start {
    case .fresh:
      former = try fit(rows: rows) { feature, _ in
        Vocabulary(
          codes: [],
          of: IDDictionary(holdsTexts: plan.columns[feature.source.column].kind.holdsTexts))
      }
    case .extending(let features, histories: let known):
      former = features
      histories = known
    }
    for feature in plan.features {
      let name = feature.definition.name
      guard former.settings.vocabularies.contains(name) else { continue }
      let (ids, dictionary) = try sightings(of: feature.source, in: rows)
      var history = histories[name] ?? VocabularyHistory(holdsTexts: dictionary.holdsTexts)
      history.add(ids.seen, of: dictionary) { code in
        .init(count: UInt32(ids.counts[code]), lastDay: ids.lastDays[code])
      }
      histories[name] = history
    }
    return former.extended(with: histories, clock: night.clock, evictAfter: night.evictAfter)
  }
}
