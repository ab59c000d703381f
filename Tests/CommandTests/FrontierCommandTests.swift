import Foundation
import Testing

struct FrontierCommandTests {
  @Test func `a combiner that the network does not go with is refused before any training`() throws
  {
    let place = try Workplace("cli_frontier_unfit")
    let result = try place.run(
      "frontier", "--combiners", "pcgrad,mgda_ub", "--set", "network.architecture=esmm", "--set",
      "tasks.purchase.after=click")
    #expect(result.status == 64 && result.output == "")
    #expect(result.errors.contains("mgda_ub looks at what every task reads alike"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `the document has what scripts rely on, and the pick can be trained`() throws {
    let place = try Workplace("cli_frontier")
    let result = try place.run(
      "frontier", "--points", "3", "--combiners", "pcgrad, FAMO", "--format", "json",
      "--pick", "purchase >= 0.5 best, maximise click", "--pick-output", "chosen.yaml",
      "--set", "training.epochs=1", "--report", "page")
    #expect(result.status == 0)
    let document = try result.json()
    #expect(document["hypervolume"] is Double)
    let reference = document["reference"] as? [String: Double]
    #expect(reference == ["click": 0.5, "purchase": 0.5])
    let points = try #require(document["points"] as? [[String: Any]])
    #expect(points.count == 5)
    for (index, point) in points.enumerated() {
      #expect((point["weights"] != nil) == (index < 3))
      #expect((point["combiner"] as? String) == [nil, nil, nil, "pcgrad", "famo"][index])
      let validation = try #require(point["validation"] as? [String: [String: Any]])
      #expect(validation["click"]?["auc"] is Double)
      let isOnFrontier = try #require(point["on_frontier"] as? Bool)
      #expect((point["test"] != nil) == (isOnFrontier || index >= 3))
    }
    #expect(result.errors.hasSuffix("train it by: paretorank train --config chosen.yaml\n"))
    let chosen = try place.text("chosen.yaml")
    #expect(chosen.contains("\ncombiner: {kind: ") && chosen.contains("epochs: 1"))
    #expect(try place.run("train", "--config", "chosen.yaml").status == 0)
    #expect(place.exists("page/index.html"))
    #expect(place.exists("page/click-purchase.csv"))

    let taken = try place.run(
      "frontier", "--pick", "maximise click", "--pick-output", "chosen.yaml")
    #expect(taken.status == 64)
    let nothing = try place.run(
      "frontier", "--points", "3", "--set", "training.epochs=1", "--pick",
      "purchase >= 1.5, maximise click")
    #expect(nothing.status == 65)
    #expect(nothing.output.contains("hypervolume"))
    #expect(
      nothing.problems.first?.hasPrefix("error: pick: no point of the frontier fits; the closest")
        == true)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a combiner that the file has is replaced, wherever it stands`() throws {
    let place = try Workplace("cli_frontier_file")
    let text = try place.text("paretorank.yaml")
    try place.write(
      "# mine\ncombiner:\n  # of old\n  kind: cagrad\n  c: 0.2\n\n" + text + "# the end\n",
      to: "paretorank.yaml")
    let result = try place.run(
      "frontier", "--points", "2", "--pick", "maximise click", "--pick-output", "chosen.yaml",
      "--set", "training.epochs=1")
    #expect(result.status == 0)
    let chosen = try place.text("chosen.yaml")
    #expect(chosen.hasPrefix("# mine\ncombiner: {kind: "))
    #expect(!chosen.contains("cagrad"))
    #expect(chosen.components(separatedBy: "combiner:").count == 2)

    // One of a combiner that is left to its defaults.
    let other = try place.run(
      "frontier", "--points", "2", "--pick", "maximise click", "--pick-output", "other.yaml",
      "--combiners", "uncertainty", "--set", "training.epochs=1", "--set",
      "optimizer.learning_rate=0.5")
    #expect(other.status == 0)
  }
}
