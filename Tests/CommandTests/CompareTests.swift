import Foundation
import Testing

/// `compare`, and `evaluate` with `--by`.
struct CompareTests {
  @Test func `with json, a comparison has the promised keys`() throws {
    let place = try Workplace("cli_compare")
    #expect(try place.run("train", "--output", "old").status == 0)
    #expect(try place.run("train", "--output", "new", "--set", "training.epochs=4").status == 0)
    let report = try place.run("compare", "old", "new", "--by", "item_id", "--format", "json")
      .json()
    #expect(
      Set(report.keys) == [
        "first", "second", "window", "rows", "task_names", "tasks", "only_first", "only_second",
        "by",
      ])
    let tasks = try #require(report["tasks"] as? [String: [String: Any]])
    for key in ["first", "second", "auc_gain", "log_loss_gain", "log_loss_gain_low", "verdict"] {
      #expect(tasks["click"]?[key] != nil, "\(key)")
    }
    let table = try #require((report["by"] as? [[String: Any]])?.first)
    #expect(table["column"] as? String == "item_id")
    #expect((table["segments"] as? [Any])?.count == 5)
    let text = try place.run("compare", "old", "new", "--by", "item_id")
    #expect(text.status == 0)
    #expect(text.output.contains("log loss gain"))
    #expect(text.output.contains("item_id  task"))
  }

  @Test func `rows of training, unknown models and columns end with their status`() throws {
    let place = try Workplace("cli_compare_errors")
    #expect(try place.run("train", "--output", "model").status == 0)
    let trained = try place.run("compare", "model", "model", "--from", "2026-03-01")
    #expect(trained.status == 65)
    #expect(trained.errors.contains("rows are among those that model was trained on"))
    #expect(try place.run("compare", "model", "nothing").status == 64)
    let column = try place.run("evaluate", "model", "--by", "nothing")
    #expect(column.status == 64)
    #expect(column.problems.last?.contains("no column nothing") == true)
  }

  @Test func `segments stand below the tasks`() throws {
    let place = try Workplace("cli_by")
    #expect(try place.run("train", "--output", "model").status == 0)
    let report = try place.run(
      "evaluate", "model", "--by", "note,note+item_id", "--format", "json"
    ).json()
    let tables = try #require(report["by"] as? [[String: Any]])
    #expect(tables.map { $0["column"] as? String } == ["note", "note+item_id"])
    let segment = try #require((tables[0]["segments"] as? [[String: Any]])?.first)
    #expect(Set(segment.keys) == ["value", "rows", "tasks", "too_small"])
    #expect(segment["value"] as? String == "x")
    let text = try place.run("evaluate", "model", "--by", "note")
    #expect(text.output.contains("too small to judge"))
    #expect(try place.run("evaluate", "model", "--format", "json").json()["by"] == nil)
  }
}
