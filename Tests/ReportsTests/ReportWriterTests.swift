import Files
import Foundation
import Reports
import Testing

/// When a report is written, and when not.
struct ReportWriterTests {
  private let page = ReportPage(title: "first", summary: "s")

  @Test func `a report takes the place of an earlier one, and nothing else is left`() throws {
    let place = try ReportPlace()
    _ = try place.write(.sample)
    #expect(try place.entries().count == 10)
    let html = try place.write(page)
    #expect(html.contains("<h1>first</h1>"))
    #expect(try place.entries() == ["index.html"])
    #expect(try place.neighbours() == ["report"])
  }

  @Test func `an empty directory may be taken`() throws {
    let place = try ReportPlace()
    try FileManager.default.createDirectory(
      atPath: place.report, withIntermediateDirectories: false)
    #expect(try place.write(page).contains("first"))
  }

  @Test(arguments: ["index.html", "notes.txt", "data.csv"])
  func `a directory with something else is refused before any work`(name: String) throws {
    let place = try ReportPlace()
    try FileManager.default.createDirectory(
      atPath: place.report, withIntermediateDirectories: false)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(place.report)/\(name)"))
    #expect(throws: ReportError.foreignDestination(place.report)) {
      try ReportWriter(directory: place.report)
    }
    #expect(try place.text(name) == "mine")
  }

  @Test func `a report to which someone added a file is refused`() throws {
    let place = try ReportPlace()
    _ = try place.write(page)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(place.report)/notes.txt"))
    #expect(throws: ReportError.foreignDestination(place.report)) { try place.write(page) }
  }

  @Test func `a file is refused`() throws {
    let place = try ReportPlace()
    try Data().write(to: URL(fileURLWithPath: place.report))
    #expect(throws: ReportError.foreignDestination(place.report)) {
      try ReportWriter(directory: place.report + "/")
    }
  }

  @Test func `a folder that isn't there is told at once`() throws {
    let place = try ReportPlace()
    #expect(
      throws: ReportError.system(
        "\(place.report)/inner", reason: "its folder \(place.report) doesn't exist")
    ) {
      try ReportWriter(directory: "\(place.report)/inner")
    }
  }

  @Test func `a report that can't be drawn leaves the earlier one as it was`() throws {
    let place = try ReportPlace()
    _ = try place.write(page)
    let program = "\(place.folder)/gnuplot"
    try Data("#!/bin/sh\necho '   ^' >&2; echo 'no such terminal' >&2; exit 1\n".utf8)
      .write(to: URL(fileURLWithPath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let writer = try ReportWriter(directory: place.report, gnuplot: .find(in: place.folder))
    #expect(throws: ReportError.drawing(plot: "losses", reason: "no such terminal")) {
      try writer.write(.sample)
    }
    #expect(try place.entries() == ["index.html"])
    #expect(try place.neighbours() == ["gnuplot", "report"])
    #expect(try place.text("index.html").contains("first"))
  }

  @Test func `what a killed run left beside a report goes with the next one`() throws {
    let place = try ReportPlace()
    let leftover = "\(place.folder)/.report.partial-1-12345678"
    try FileManager.default.createDirectory(atPath: leftover, withIntermediateDirectories: false)
    try Data("half".utf8).write(to: URL(fileURLWithPath: "\(leftover)/index.html"))
    _ = try place.write(page)
    #expect(try place.neighbours() == ["report"])
  }
}

/// The program that draws.
struct GnuplotTests {
  @Test func `a missing gnuplot is told by the command that installs it`() {
    #expect(throws: ReportError.noGnuplot) { try Gnuplot.find(in: "/nonexistent:") }
    #expect(
      ReportError.noGnuplot.description
        == "gnuplot is not installed: apt-get install gnuplot-nox")
  }

  @Test func `a gnuplot that doesn't end is stopped`() throws {
    let place = try ReportPlace()
    let program = "\(place.folder)/gnuplot"
    try Data("#!/bin/sh\nexec sleep 60\n".utf8).write(to: URL(fileURLWithPath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let gnuplot = Gnuplot(path: program, timeLimit: 0.1)
    #expect(throws: ReportError.drawing(plot: "losses", reason: "it took longer than 1 s")) {
      try ReportWriter(directory: place.report, gnuplot: gnuplot).write(.sample)
    }
  }
}
