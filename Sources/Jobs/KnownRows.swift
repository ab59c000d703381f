internal import Interactions
internal import Logging
internal import RunConfiguration

/// How many rows of a window a model has met before it is measured on them.
struct KnownRows {
  /// Those that it was trained on.
  var trained: Int
  /// Those on which its best pass was chosen.
  var chosen: Int
}

extension StoredModel {
  /// Counts the rows that the model knows, by their times.
  ///
  /// A night's model went on from those before it, so that all rows up to the end of its training
  /// count, though a few of them may have been held back.
  func knownRows(of log: EncodedLog, _ rows: RowSelection) throws -> KnownRows {
    let isOfNight = description.isOfNight
    let cut = isOfNight ? nil : try randomCut
    let span = description.span
    func count(_ part: SplitPart) -> Int {
      let window = description.windows[part.rawValue]
      return (0..<rows.count).count { position in
        let time = log.times[rows[position]]
        if let cut {
          // Later rows were not there to be dealt out.
          return cut.part(at: time) == part && span.map { time < $0.to } ?? true
        }
        return window.map { (isOfNight || $0.from <= time) && time < $0.to } ?? false
      }
    }
    return KnownRows(trained: count(.train), chosen: count(.validation))
  }

  /// Says that rows of a window are the training's.
  func told(_ known: KnownRows, of rows: RowSelection) -> String {
    "\(known.trained) of the window's \(rows.count) rows are among those that \(path) was trained on"
  }

  /// Warns of rows on which the model looks better than it is.
  func warn(of known: KnownRows, of rows: RowSelection, _ context: JobContext) {
    if known.trained > 0 {
      context.logger.warning("\(told(known, of: rows)), where it looks better than it is")
    }
    if known.chosen > 0 {
      context.logger.warning(
        "\(known.chosen) of the window's \(rows.count) rows helped to choose the best epoch of \(path)"
      )
    }
  }
}

extension ModelDescription {
  /// Whether a nightly run made the model, which has no split.
  var isOfNight: Bool { rows.keys.allSatisfy { $0 == SplitPart.train.rawValue } }

  /// Options that name times after all rows that the model knows, as a person may type them; nil where
  /// that is unknown.
  var laterTimes: String? {
    guard let end = windows.values.map(\.to).max() ?? span?.to else { return nil }
    let second: Int64 = 1_000_000
    let from = end.addingClamped(second - 1) / second * second
    let to = from.addingClamped(configuration.nightly.evaluation)
    return "--from \(Timestamp.argument(from)) --to \(Timestamp.argument(to))"
  }
}

extension Timestamp {
  /// A time as one word.
  fileprivate static func argument(_ time: Int64) -> String {
    text(time).replacing(" ", with: "T")
  }
}
