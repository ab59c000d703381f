import ArgumentParser
import Interactions
import Jobs

/// The options that say which rows to measure on.
struct WindowOptions: ParsableArguments {
  @Option(help: "The part of the split (default: test).")
  var window: SplitPart?

  @Option(help: ArgumentHelp("The first moment of the window.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("The first moment after the window.", valueName: "time"))
  var to: String?

  func validate() throws {
    if window != nil, from != nil || to != nil {
      throw ValidationError("--window names a part of the split; it goes without --from and --to")
    }
    for (name, text) in [("--from", from), ("--to", to)] {
      guard let text, Timestamp.time(text) == nil else { continue }
      throw ValidationError("\(name) \(text): not a time, as in 2026-03-01 or 2026-03-01T08:30:00Z")
    }
    if let from, let to, let first = Timestamp.time(from), let end = Timestamp.time(to),
      first >= end
    {
      throw ValidationError("--from \(from) is not before --to \(to)")
    }
  }

  var rows: EvaluateJob.Window {
    guard from != nil || to != nil else { return .part(window ?? .test) }
    return .times(
      from: from.flatMap(Timestamp.time), to: to.flatMap(Timestamp.time))
  }
}
