import Foundation
import Testing

/// `--report` of the commands that have one.
struct ReportTests {
  @Test func `train and evaluate write a page with plots beside their tables`() throws {
    let place = try Workplace("cli_report")
    let training = try place.run("train", "--report", "trained")
    #expect(training.status == 0)
    #expect(training.output.contains("validation"))
    let trained = try place.text("trained/index.html")
    for text in [
      "<h1>Training of cli_report</h1>", "Which expert serves which task", "Train data",
      "<a href=\"losses.csv\">", "<a href=\"cosines.csv\">",
    ] {
      #expect(trained.contains(text), "\(text)")
    }
    let rows = try place.text("trained/losses.csv").split(separator: "\r\n")
    #expect(rows.first == "series,step,loss (nats)")
    #expect(rows.contains { $0.hasPrefix("purchase,") })

    let evaluation = try place.run("evaluate", "--report", "measured", "--format", "json")
    let curves = try #require(try evaluation.json()["curves"] as? [String: [String: Any]])
    #expect((curves["click"]?["roc"] as? [Any])?.isEmpty == false)
    let measured = try place.text("measured/index.html")
    for text in ["<h1>Quality of cli_report</h1>", "roc.csv", "reliability.csv", "lift.csv"] {
      #expect(measured.contains(text), "\(text)")
    }
    // The password and the address of the database stay out.
    #expect(!trained.contains("postgresql:") && !measured.contains("postgresql:"))
    #expect(try place.run("evaluate", "--format", "json").json()["curves"] == nil)
  }

  @Test func `gains and frontier write pages`() throws {
    let place = try Workplace("cli_report_gains")
    #expect(try place.run("gains", "--seeds", "2", "--report", "gains").status == 0)
    #expect(try place.text("gains/index.html").contains("Alone or with all"))
    let sweep = try place.run(
      "frontier", "--points", "3", "--combiners", "pcgrad", "--report", "frontier")
    #expect(sweep.status == 0)
    #expect(try place.text("frontier/index.html").contains("click against purchase"))
    #expect(place.exists("frontier/click-purchase.csv"))
  }

  @Test func `a report that can't be written is told before the work`() throws {
    let place = try Workplace("cli_report_refused")
    try place.write("mine", to: "notes.txt")
    let refused = try place.run("train", "--report", ".")
    #expect(refused.status == 64)
    #expect(refused.problems.count == 1)
    #expect(refused.errors.contains(" exists and is no report, so it is not replaced"))
    let missing = try place.bash("PATH=/nonexistent \(Workplace.binary) train --report page")
    #expect(missing.status == 1)
    #expect(missing.errors == "error: gnuplot is not installed: apt-get install gnuplot-nox\n")
    #expect(!place.exists("models") && !place.exists("page"))
  }
}
