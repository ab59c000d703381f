extension PickRule {
  /// Reads a rule such as `purchase >= 0.95 best, maximise click`.
  ///
  /// - Parameters:
  ///   - text: Conditions and one goal, joined by commas, in any order. A number may be in per cent.
  ///   - taskNames: What tasks are called.
  ///   - better: Which values of the measure are the better ones.
  ///   - suggestion: The name that a misspelt one was meant to be, if any is near.
  /// - Throws: ``PickError`` for whatever can't be read.
  public init(
    _ text: String, taskNames: [String], better: Better,
    suggestion: (String) -> String? = { _ in nil }
  ) throws(PickError) {
    func task(_ name: Substring) throws(PickError) -> Int {
      let name = String(name)
      if let index = taskNames.firstIndex(of: name) { return index }
      throw .unknownTask(name, known: taskNames, suggestion: suggestion(name))
    }
    var conditions: [Condition] = []
    var goals: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.trimmed
      if let (direction, name) = Self.goal(part) {
        guard direction == better else {
          throw .wrongDirection(
            part: String(part), expected: "the \(better) the better, so write \(better.goalWord)")
        }
        goals.append(try task(name))
      } else if let (name, comparison, bound) = Self.comparison(part) {
        guard comparison == better.comparison else {
          throw .wrongDirection(
            part: String(part), expected: "the \(better) the better, so write \(better.comparison)")
        }
        conditions.append(
          Condition(task: try task(name), bound: try Self.bound(bound, in: part)))
      } else {
        throw .unreadable(
          part: String(part),
          expected: "a condition, as in purchase \(better.comparison) 0.95 best, or a goal, as in "
            + "\(better.goalWord) click")
      }
    }
    guard goals.count == 1 else { throw .goals(count: goals.count, word: better.goalWord) }
    self.init(conditions: conditions, goal: goals[0], better: better, taskNames: taskNames)
  }

  /// A goal's direction and task; nil where the part is none.
  private static func goal(_ part: Substring) -> (Better, Substring)? {
    let words = part.split(maxSplits: 1, whereSeparator: \.isWhitespace)
    guard words.count == 2 else { return nil }
    switch words[0].lowercased() {
    case "maximise", "maximize": return (.higher, words[1].trimmed)
    case "minimise", "minimize": return (.lower, words[1].trimmed)
    default: return nil
    }
  }

  /// A condition's task, comparison and bound; nil where the part is none.
  private static func comparison(_ part: Substring) -> (Substring, String, Substring)? {
    guard let start = part.firstIndex(where: { "<>=≥≤".contains($0) }) else { return nil }
    let end = part[start...].firstIndex { !"<>=≥≤".contains($0) } ?? part.endIndex
    let comparison = part[start..<end].replacing("≥", with: ">=").replacing("≤", with: "<=")
    let name = part[..<start].trimmed
    return name.isEmpty ? nil : (name, String(comparison), part[end...].trimmed)
  }

  private static func bound(_ text: Substring, in part: Substring) throws(PickError) -> Bound {
    let words = text.split(whereSeparator: \.isWhitespace)
    var number = words.first ?? ""
    let isPercent = number.last == "%"
    if isPercent { number.removeLast() }
    guard let value = Double(number), value.isFinite, words.count == 1 || words.count == 2,
      words.count == 1 || words[1].lowercased() == "best"
    else {
      throw .unreadable(
        part: String(part), expected: "held to a number, as in 0.74, or to a share, as in 0.95 best"
      )
    }
    let share = isPercent ? value / 100 : value
    return words.count == 2 ? .shareOfBest(share) : .value(share)
  }
}

extension PickRule.Better {
  fileprivate var goalWord: String { self == .higher ? "maximise" : "minimise" }
  fileprivate var comparison: String { self == .higher ? ">=" : "<=" }
}

extension Substring {
  /// Without white space at either end.
  fileprivate var trimmed: Substring {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
