import ArgumentParser
import Combiners

/// `paretorank combiners`.
struct CombinersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "combiners",
    abstract: "Lists the ways to combine tasks, or says what one of them takes.",
    discussion: """
      Costs are of a step with K tasks: backward passes, and memory beside static weights' with P \
      shared parameters that the step touches.

        paretorank combiners
        paretorank combiners cagrad
      """)

  @Argument(help: "The combiner to tell more of.")
  var name: String?

  @Option(help: "What to write to standard output.")
  var format: OutputFormat = .table

  @OptionGroup var logs: LogOptions

  /// A combiner as JSON.
  struct Entry: Encodable {
    var name: String
    var title: String
    var family: String
    var summary: String
    var passes: String
    var memory: String
    var needs: String?
    var paper: String
    var link: String
    var settings: [Setting]

    init(_ kind: CombinerKind) {
      let profile = kind.profile
      name = kind.rawValue
      title = profile.title
      family = profile.family.rawValue
      summary = profile.summary
      passes = profile.passes
      memory = profile.memory
      needs = profile.needs ?? (profile.hasMain ? "a main task" : nil)
      paper = profile.paper
      link = profile.link
      settings = profile.settings.map(Setting.init)
    }
  }

  /// A setting as JSON.
  struct Setting: Encodable {
    var name: String
    var takes: String
    var usual: SettingValue?
    var isRequired: Bool
    var summary: String

    init(_ profile: SettingProfile) {
      name = profile.setting.rawValue
      takes = "\(profile.form)"
      usual = profile.usual
      isRequired = profile.isRequired
      summary = profile.summary
    }

    enum CodingKeys: String, CodingKey {
      case name, takes
      case usual = "default"
      case isRequired = "required"
      case summary
    }
  }

  private struct Document: Encodable {
    var combiners: [Entry]
  }

  func run() throws {
    let kinds = try name.map { [try CombinerKind.meant(by: $0)] } ?? CombinerKind.allCases
    let entries = kinds.map(Entry.init)
    var output = CommonOptions()
    output.format = format
    try output.write(Document(combiners: entries)) {
      name == nil ? Self.list(entries) : entries.map(Self.details).joined(separator: "\n")
    }
  }

  private static func list(_ entries: [Entry]) -> String {
    let titles: [(String, String)] = [
      ("losses", "Loss weightings: one backward pass"),
      ("gradients", "Gradient combiners: weights from the tasks' gradients"),
      ("elements", "Element-wise combiners: the gradients element by element"),
    ]
    return titles.map { family, title in
      var table = TextTable(
        ["name", "method", "passes", "memory", "needs", "paper"],
        [.left, .left, .right, .left, .left, .left])
      for entry in entries where entry.family == family {
        table.append([
          entry.name, entry.title, entry.passes, entry.memory, entry.needs ?? Text.none,
          entry.paper,
        ])
      }
      return title + "\n" + table.text
    }.joined(separator: "\n")
  }

  private static func details(_ entry: Entry) -> String {
    var text = "\(entry.title): \(entry.summary)\n"
    text +=
      TextTable(pairs: [
        ("name", entry.name), ("family", entry.family), ("backward passes", entry.passes),
        ("memory", entry.memory), ("needs", entry.needs ?? Text.none),
        ("paper", "\(entry.paper), \(entry.link)"),
      ]).text
    guard !entry.settings.isEmpty else { return text }
    var table = TextTable(
      ["setting", "takes", "default", ""], [.left, .left, .left, .left])
    for setting in entry.settings {
      table.append([
        setting.name, setting.takes,
        setting.isRequired ? "must be given" : setting.usual.map { "\($0)" } ?? Text.none,
        setting.summary,
      ])
    }
    return text + "\n" + table.text
  }
}
