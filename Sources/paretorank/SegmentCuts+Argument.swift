import ArgumentParser
import Jobs

/// The columns after `--by`: commas part the tables, a plus joins columns of one.
struct SegmentCutsArgument: ExpressibleByArgument {
  let cuts: SegmentCuts

  init?(argument: String) {
    cuts = argument.split(separator: ",", omittingEmptySubsequences: false).map { cut in
      cut.split(separator: "+", omittingEmptySubsequences: false).map { name in
        String(name.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      }
    }
    if cuts.joined().contains("") { return nil }
  }
}
