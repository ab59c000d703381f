import Foundation
import PostgresLogs
import Testing

/// What commands write where.
struct OutputTests {
  @Test func `with json, standard output is one document with the promised keys`() throws {
    let place = try Workplace("cli_json")
    let check = try place.run("check", "--format", "json").json()
    #expect(check["rows"] as? Int == 120)
    let training = try place.run("train", "--format", "json").json()
    for key in ["model", "rows", "rows_per_pass", "epochs", "seconds", "rows_per_second"] {
      #expect(training[key] != nil, "\(key)")
    }
    let evaluation = try place.run("evaluate", "--format", "json").json()
    let tasks = try #require(evaluation["tasks"] as? [String: [String: Any]])
    for key in [
      "rows", "positives", "auc", "auc_low", "auc_high", "gauc", "log_loss", "calibration",
    ] {
      #expect(tasks["click"]?[key] != nil, "\(key)")
    }
    let scores = try place.run("score", "--format", "json", "--top", "2").json()
    #expect(scores["candidates"] as? Int == 35)
    #expect(scores["written"] as? Int == 14)
  }

  @Test func `check with problems still writes its one document`() throws {
    let place = try Workplace("cli_json_check")
    let result = try place.run("check", "--format", "json", "--set", "features.1.number=note")
    #expect(result.status == 65)
    let problems = try #require(try result.json()["problems"] as? [[String: Any]])
    #expect(problems.count == 1)
    #expect(problems[0]["kind"] as? String == "data")
  }

  @Test func `there is no bar and no escape sequence without a terminal`() throws {
    let place = try Workplace("cli_bar")
    let result = try place.run("train")
    #expect(result.status == 0)
    #expect(!result.errors.contains("\u{1B}"))
    #expect(!result.errors.contains("\r"))
  }

  @Test func `options override where scores go and what they rank by`() throws {
    let place = try Workplace("cli_score")
    #expect(try place.run("train").status == 0)
    let table = try place.run(
      "score", "--to-table", "cli_score.scores", "--value", "click + 0 * price", "--show", "1")
    #expect(table.status == 0)
    #expect(table.output.contains("user_id  item_id  rank"))
    #expect(try place.connection.value("SELECT count(*) FROM cli_score.scores") == "35")
    #expect(try place.run("score", "--to-file", "a \"b\".csv").status == 0)
    #expect(place.exists("a \"b\".csv"))
    #expect(try place.run("score", "--value", "click * nothing").status == 64)
    #expect(try place.run("score", "--to-file", "a", "--to-table", "b").status == 64)
  }

  @Test func `init never replaces a file unasked`() throws {
    let place = try Workplace("cli_init")
    let before = try place.text("paretorank.yaml")
    let refused = try place.run("init")
    #expect(refused.status == 64)
    #expect(refused.errors == "error: paretorank.yaml exists already; --force replaces it\n")
    #expect(try place.text("paretorank.yaml") == before)
    #expect(try place.run("init", "--output", "other.yaml").status == 0)
    #expect(try place.run("init", "--force").status == 0)
    #expect(try place.text("paretorank.yaml") == place.text("other.yaml"))
  }

  @Test func `init looks in the configuration's database and writes what is set`() throws {
    let place = try Workplace("cli_init_from")
    let written = try place.run(
      "init", "--from", "cli_init_from.log", "--output", "new.yaml", "--set",
      "split.train=2 days", "--set", "training.epochs=1", "--set",
      "network={experts: 2, expert: [4]}", "--set", "features.0.dimension=3")
    #expect(written.status == 0)
    #expect(written.errors == "")
    let text = try place.text("new.yaml")
    #expect(text.contains("\ntraining: {batch: 4096, epochs: 1, seed: 7}\n"))
    #expect(text.contains("\nsplit: {train: 2 days, validation: 1 day, test: 1 day}\n"))
    #expect(
      text.contains("# single_task, shared_bottom, cross_stitch, omoe, mmoe, cgc, ple or stem;"))
    let check = try place.run("check", "--config", "new.yaml", "--format", "json")
    #expect(try check.json()["rows"] as? Int == 120)

    let wrong = try place.run("init", "--output", "wrong.yaml", "--set", "training.epochs=few")
    #expect(wrong.status == 64)
    #expect(wrong.problems.count == 1)
    #expect(!place.exists("wrong.yaml"))
    let elsewhere = try place.run(
      "init", "--from", "log", "--output", "wrong.yaml", "--set",
      "database=postgresql://me@/x?host=/tmp/nowhere")
    #expect(elsewhere.status == 69)
  }
}
