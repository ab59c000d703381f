import Foundation
import Testing

/// Whatever stops the command, nothing half-written stays.
struct InterruptedTests {
  private func models(_ place: Workplace) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: place.folder + "/models")) ?? []
  }

  @Test(.timeLimit(.minutes(10)), arguments: [SIGINT, SIGTERM])
  func `a signal during training`(number: Int32) throws {
    let place = try Workplace("cli_signal_\(number)")
    let process = try place.start([Workplace.binary, "train", "--set", "training.epochs=10000"])
    while process.isRunning, try !place.text("err").contains("read 120 rows") { usleep(20_000) }
    usleep(100_000)
    kill(process.processIdentifier, number)
    let result = try place.finish(process)
    #expect(result.status == 1)
    #expect(result.problems == ["error: stopped on request; nothing half-done was left"])
    #expect(models(place) == [])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a killed training goes on from its checkpoint to the same model`() throws {
    let place = try Workplace("cli_killed")
    let arguments = [
      "train", "--set", "training.epochs=120", "--set", "combiner.kind=mtadam", "--set",
      "training.early_stopping.patience=120", "--set", "nightly.checkpoint=0.05 seconds",
    ]
    let whole = try place.finish(
      place.start([Workplace.binary] + arguments + ["--output", "models/whole"]))
    #expect(whole.status == 0)
    let killed = arguments + ["--checkpoint", "kept/here", "--output", "models/killed"]
    for (round, name) in ["checkpoint-1", "checkpoint-2"].enumerated() {
      let process = try place.start([Workplace.binary] + killed)
      while process.isRunning, !place.exists("kept/here/\(name)") { usleep(5_000) }
      kill(process.processIdentifier, SIGKILL)
      let result = try place.finish(process)
      #expect(process.terminationReason == .uncaughtSignal)
      #expect(result.errors.contains("goes on from a checkpoint") == (round > 0))
    }
    #expect(models(place) == ["whole"])
    let result = try place.finish(place.start([Workplace.binary] + killed))
    #expect(result.status == 0)
    #expect(result.errors.contains("training goes on from a checkpoint after step "))
    #expect(!place.exists("kept/here"))
    for file in ["weights.safetensors", "state.safetensors"] {
      let bytes = try ["whole", "killed"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(place.folder)/models/\($0)/\(file)"))
      }
      #expect(bytes[0] == bytes[1], "\(file)")
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a training with checkpoints that is stopped says how it goes on`() throws {
    let place = try Workplace("cli_signal_kept")
    let arguments = [
      "train", "--set", "training.epochs=10000", "--set", "nightly.checkpoint=0.05 seconds",
      "--checkpoint", "kept",
    ]
    let process = try place.start([Workplace.binary] + arguments)
    while process.isRunning, !place.exists("kept/checkpoint-1") { usleep(5_000) }
    kill(process.processIdentifier, SIGINT)
    let result = try place.finish(process)
    #expect(result.status == 1)
    #expect(
      result.problems == [
        "error: stopped on request; the same command goes on from its last checkpoint in kept"
      ])
    let again = try place.start([Workplace.binary] + arguments)
    while again.isRunning, try !place.text("err").contains("goes on from a checkpoint") {
      usleep(5_000)
    }
    kill(again.processIdentifier, SIGINT)
    #expect(try place.finish(again).errors.contains("training goes on from a checkpoint"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a signal while the server works`() throws {
    let place = try Workplace("cli_signal_server")
    try place.change(
      """
      CREATE VIEW slow AS SELECT log.*, pg_sleep(0.5)::text AS pause FROM log;
      """)
    let process = try place.start([
      Workplace.binary, "check", "--set", "impressions.from=cli_signal_server.slow", "--set",
      "features=[{category: pause, dimension: 2}]",
    ])
    usleep(1_000_000)
    kill(process.processIdentifier, SIGINT)
    let result = try place.finish(process)
    #expect(result.status == 1)
    #expect(result.problems == ["error: stopped on request; nothing half-done was left"])
  }

  @Test func `no room for the model`() throws {
    let place = try Workplace("cli_room")
    #expect(try place.run("train", "--output", "models/first").status == 0)
    let result = try place.bash(
      "ulimit -f 4; exec paretorank train --set 'network.expert=[64]' --output models/second")
    #expect(result.status == 1)
    #expect(
      result.problems == [
        "error: models/second: no room to write (File too large); "
          + "make room or choose another folder"
      ])
    #expect(models(place) == ["first"])
  }

  @Test(arguments: ["weights.safetensors", "model.json", "vocabularies/0.vocabulary"])
  func `a model with a changed or truncated file`(file: String) throws {
    let place = try Workplace("cli_damage_\(file.filter(\.isLetter))")
    #expect(try place.run("train", "--output", "models/m").status == 0)
    let url = URL(fileURLWithPath: "\(place.folder)/models/m/\(file)")
    let whole = try Data(contentsOf: url)
    var changed = whole
    changed[changed.count / 2] ^= 1
    for bytes in [changed, whole.dropLast(3)] {
      try bytes.write(to: url)
      let result = try place.run("evaluate", "models/m")
      #expect(result.status == 1)
      #expect(result.problems.count == 1)
      #expect(result.errors.contains("error: models/m"))
      #expect(result.output == "")
    }
    try whole.write(to: url)
    #expect(try place.run("evaluate", "models/m").status == 0)
  }
}
