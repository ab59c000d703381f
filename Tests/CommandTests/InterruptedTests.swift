import Foundation
import Testing

/// Whatever stops the command, nothing half-written stays.
struct InterruptedTests {
  private func models(_ place: Workplace) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: place.folder + "/models")) ?? []
  }

  @Test(.timeLimit(.minutes(1)), arguments: [SIGINT, SIGTERM])
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

  @Test(.timeLimit(.minutes(1)))
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
