import ArgumentParser

/// The option of commands whose memory can be bounded.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory to stay within, as training.memory (default: what the machine has).",
      valueName: "amount"))
  var memory: String?

  /// What the option changes in the configuration.
  var overrides: [String] { memory.map { ["training.memory=\($0)"] } ?? [] }
}
