import ArgumentParser

/// The options of commands that train many models side by side.
struct PoolOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Runs at the same time, each with a model in memory (default: one for each core).",
      valueName: "number"))
  var atOnce: Int?

  @Flag(help: "Read the database and train again, whatever was kept.")
  var fresh = false

  func validate() throws {
    if let atOnce, !(1...1_024).contains(atOnce) {
      throw ValidationError("--at-once \(atOnce): not a number from 1 to 1024")
    }
  }
}
