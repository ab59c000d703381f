/// Finds the word that a misspelt one was meant to be.
package enum Spelling {
  /// The candidate closest to `word`, or nil where none is close.
  ///
  /// Case, hyphens and underscores count for nothing, and a beginning of three letters is enough.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let plain = simplified(word)
    guard !plain.isEmpty, plain.count <= 64 else { return nil }
    if let same = candidates.first(where: { simplified($0) == plain }) { return same }
    let allowed = plain.count <= 2 ? 0 : plain.count <= 5 ? 1 : plain.count <= 8 ? 2 : 3
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(plain, simplified(candidate))
      if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    if let best { return best.candidate }
    guard plain.count >= 3 else { return nil }
    return candidates.first { simplified($0).starts(with: plain) }
  }

  /// What a message about a misspelt word ends with: the word that was `meant`, nothing where that is nil.
  package static func hint(_ meant: String?) -> String {
    meant.map { "; did you mean \($0)?" } ?? ""
  }

  private static func simplified(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }.map(\.self)
  }

  /// Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b`.
  ///
  /// Damerau: *A technique for computer detection and correction of spelling errors*, 1964, in the
  /// restricted form that edits no letter twice. O(a.count · b.count).
  package static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      for j in 0..<b.count {
        var cost = min(
          previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforePrevious[j - 1] + 1)
        }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[b.count]
  }
}
