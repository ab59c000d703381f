internal import Combiners
internal import Interactions
package import RunConfiguration

extension RunConfiguration {
  /// The same run with some of its tasks alone, in their order.
  ///
  /// A task whose funnel parent is left out comes after the nearest one before that is not. With
  /// one task there is nothing to combine; with more, settings by task lose those left out, and a
  /// main task that is left out gives way to the first one that is not.
  package func restricted(to names: [String]) -> RunConfiguration {
    var restricted = self
    restricted.tasks = tasks.filter { names.contains($0.name) }
    for index in restricted.tasks.indices {
      while let parent = restricted.tasks[index].after, !names.contains(parent) {
        restricted.tasks[index].after = tasks.first { $0.name == parent }?.after
      }
      restricted.tasks[index].reads = restricted.tasks[index].reads?.filter(names.contains)
    }
    guard restricted.tasks.count > 1 else {
      restricted.combiner = Combiner()
      // The weight of a single loss only scales its gradient.
      for index in restricted.tasks.indices { restricted.tasks[index].weight = 1 }
      return restricted
    }
    for (setting, value) in combiner.settings.values {
      switch value {
      case .byTask(let numbers):
        restricted.combiner.settings[setting] = .byTask(
          numbers.filter { names.contains($0.key) })
      case .text(let task) where setting == .main && !names.contains(task):
        restricted.combiner.settings[setting] = .text(restricted.tasks[0].name)
      case .flag, .number, .text: break
      }
    }
    return restricted
  }

  /// The names among `asked` that are tasks, all tasks where none is asked for.
  ///
  /// - Throws: ``JobError/unknown(_:)`` for a name that no task has.
  func taskNames(among asked: [String], as role: String) throws(JobError) -> [String] {
    let names = tasks.map(\.name)
    for name in asked where !names.contains(name) {
      let meant = Spelling.hint(Spelling.nearest(to: name, among: names))
      throw .unknown(
        "no task is named \(name), which was to be \(role): there are "
          + names.joined(separator: ", ") + meant)
    }
    return asked.isEmpty ? names : names.filter(asked.contains)
  }
}
