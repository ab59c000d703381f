import Foundation
import Gates
import Jobs
import RankingMetrics
import Reports
import Testing

/// What the page of the nights says, whatever happened.
struct NightlyPageTests {
  private func html(_ summary: NightlySummary) throws -> (text: String, files: [String]) {
    let place = try ReportPlace()
    let text = try place.write(summary.page(at: Date(timeIntervalSince1970: 0)))
    return (text, try place.entries().filter { $0 != "index.html" })
  }

  @Test func `thirty nights show tonight first, then what came before`() throws {
    let nights = NightlySummary.sample()
    let page = try html(nights)
    #expect(page.text.contains("<h1>Nights of shop</h1>"))
    #expect(page.text.contains("Run 30 was refused by the gate. Not published, the current"))
    #expect(page.text.contains("Column brand is missing in 97.0 % of the new rows"))
    let order = ["Tonight", "Quality over", "Data over", "Durations over", "Runs"].map {
      page.text.firstRange(of: "-title\">\($0)")?.lowerBound
    }
    #expect(!order.contains(nil))
    #expect(order.compactMap { $0 } == order.compactMap { $0 }.sorted())
    #expect(
      page.files == [
        "auc-add-to-cart.csv", "auc-click.csv", "auc-purchase.csv", "calibration.csv",
        "durations.csv", "label-rates.csv", "rows.csv", "stability.csv",
      ])
    // The failed check is the first of the table, and the verdict is there once.
    let row = try #require(page.text.firstRange(of: "<td class=\"leading short\">failed</td>"))
    let first = try #require(page.text.firstRange(of: "<td class=\"leading short\">passed</td>"))
    #expect(row.lowerBound < first.lowerBound)
    let top = try #require(page.text.firstRange(of: "<nav"))
    #expect(page.text[..<top.lowerBound].ranges(of: "2 of 51 checks failed").count == 1)
    #expect(page.text.contains("9 more checks passed."))
    #expect(page.text.contains(">AUC of purchase, missing values of brand</td>"))
  }

  @Test func `nights that the gate refused are marked, and failed ones have no value`() throws {
    let place = try ReportPlace()
    _ = try place.write(NightlySummary.sample().page())
    let rows = try place.text("auc-purchase.csv").split(separator: "\r\n")
    let marks = rows.filter { $0.hasPrefix("held back by the gate,") }
    #expect(marks.map { $0.split(separator: ",")[1] } == ["7", "14", "21", "28", "30"])
    #expect(rows.first?.hasPrefix("series,run,AUC") == true)
    let own = rows.filter { $0.hasPrefix("the night's model,") }
    #expect(own.count == 28)
  }

  @Test func `nights lie side by side, by their dates, whatever their numbers`() throws {
    var nights = NightlySummary.sample(nights: 3)
    for index in nights.runs.indices { nights.runs[index].number = [12, 480, 2_000][index] }
    let page = try html(nights)
    for date in ["05-29", "05-30", "05-31"] {
      #expect(page.text.contains(">\(date)</text>"), "\(date)")
    }
    let place = try ReportPlace()
    _ = try place.write(nights.page())
    #expect(try place.text("rows.csv").contains("new rows a day,2000,"))
  }

  @Test func `no more than the newest thirty nights are shown`() throws {
    let page = try html(NightlySummary.sample(nights: 45))
    #expect(page.text.contains("<td class=\"trailing\">16</td>"))
    #expect(!page.text.contains("<td class=\"trailing\">15</td><td class=\"leading short\">20"))
  }

  @Test func `the first night stands alone`() throws {
    let page = try html(NightlySummary.sample(nights: 1))
    #expect(page.text.contains("Run 1 is published."))
    #expect(page.text.contains("No earlier night with rows is on record"))
    #expect(!page.files.contains("stability.csv"))
    #expect(page.files.contains("auc-click.csv"))
  }

  @Test func `no night at all is a page, too`() throws {
    let page = try html(NightlySummary(model: "shop", runs: []))
    #expect(page.text.contains("No night has run yet."))
    #expect(page.files.isEmpty)
  }

  @Test func `nights that all failed are told, without a plot of nothing`() throws {
    let page = try html(NightlySummary(model: "shop", runs: (1...3).map { .failed($0) }))
    #expect(page.text.contains("Run 3 failed: the server closed the connection"))
    #expect(page.files == ["durations.csv"])
  }

  @Test func `a night without anything but its state is told`() throws {
    for state in NightlySummary.State.allCases {
      let run = NightlySummary.Run(
        number: 7, started: Date(timeIntervalSince1970: 0), state: state)
      let page = try html(NightlySummary(model: "shop", runs: [run]))
      #expect(page.text.contains("Nothing was measured."))
      #expect(page.files.isEmpty)
    }
  }

  @Test func `a model that was published by force says why`() throws {
    var nights = NightlySummary.sample()
    nights.runs[29].state = .forced
    nights.runs[29].verdict = nights.runs[29].verdict?.forced(by: "brand is gone for good")
    let page = try html(nights)
    #expect(
      page.text.contains(
        "Run 30 is published against the gate. Published by force (brand is gone for good): 2 of"))
  }

  @Test func `names and numbers that are trouble stay texts`() throws {
    let name = hostileNames[3]
    var metrics = TaskMetrics(scores: [], labels: [])
    metrics.auc = .nan
    metrics.calibration = .infinity
    let task = NightlySummary.Task(name: name, candidate: metrics, current: metrics)
    let check = GateCheck(.rows, of: name, value: nil, low: 4, limit: 3, passed: false)
    let run = NightlySummary.Run(
      number: .max, started: .distantPast, state: .refused, reason: name, rows: 0, tasks: [task],
      stages: [.init(name: name, seconds: .infinity)],
      verdict: GateVerdict(checks: [check], isPassed: false, paragraph: name))
    let page = try html(NightlySummary(model: name, runs: [run, run]))
    #expect(!page.text.contains("<script"))
    #expect(page.text.contains("4.00 to ∞"))
  }
}
