import Training

/// What combining did in a run, for people.
struct CombiningTable {
  private let windows: [CombiningWindow]
  /// Pairs of tasks that are shown; with many tasks, those that oppose each other most.
  private let shownPairs = 10

  init(_ windows: [CombiningWindow]) { self.windows = windows }

  /// A table of the tasks and one of their pairs; empty without steps.
  var text: String {
    guard let whole = CombiningWindow.mean(of: windows), let first = windows.first,
      let last = windows.last
    else { return "" }
    var tasks = TextTable([
      "task", "weight", "at first", "at last", "loss", "gradient norm", "absent",
    ])
    for (index, task) in whole.tasks.enumerated() {
      tasks.append([
        task.task, Text.number(task.weight, digits: 3),
        Text.number(first.tasks[index].weight, digits: 3),
        Text.number(last.tasks[index].weight, digits: 3), Text.number(task.loss),
        Text.number(task.gradientNorm, digits: 5), Text.percent(task.absent),
      ])
    }
    return tasks.text + (whole.pairs.isEmpty ? "" : "\n" + pairs(whole, first, last))
  }

  private func pairs(
    _ whole: CombiningWindow, _ first: CombiningWindow, _ last: CombiningWindow
  ) -> String {
    var pairs = TextTable(["gradients", "cosine", "at first", "at last", "conflicts"])
    let order = whole.pairs.indices.sorted {
      (whole.pairs[$0].conflicts ?? -1, $1) > (whole.pairs[$1].conflicts ?? -1, $0)
    }
    for index in order.prefix(shownPairs).sorted() {
      let pair = whole.pairs[index]
      pairs.append([
        "\(pair.first), \(pair.second)", Text.number(pair.cosine, digits: 3),
        Text.number(first.pairs[index].cosine, digits: 3),
        Text.number(last.pairs[index].cosine, digits: 3),
        pair.conflicts.map { Text.percent($0) } ?? Text.none,
      ])
    }
    let hidden = order.count - shownPairs
    return pairs.text
      + (hidden > 0 ? "and \(hidden) pairs that conflict less (--format json has all)\n" : "")
      + "gradients measured in \(whole.measuredSteps) of \(whole.steps) steps\n"
  }
}
