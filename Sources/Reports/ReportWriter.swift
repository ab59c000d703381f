internal import Files
internal import Foundation
internal import Glibc

/// Writes a page and its plots' data into a directory of their own.
///
/// The directory holds `index.html`, which shows everything by itself, and `NAME.csv` for each plot.
/// It appears when all of it is there, and takes the place of an earlier report at once.
public struct ReportWriter: Sendable {
  /// Where the report belongs.
  public let directory: String
  private let gnuplot: Gnuplot

  /// Makes sure that a report can be written; call it before long work whose result is to be shown.
  ///
  /// - Parameter directory: Where the report belongs; the folder around it exists.
  /// - Throws: ``ReportError/noGnuplot``, ``ReportError/foreignDestination(_:)`` where something
  ///   other than a report is there, and ``ReportError/system(_:reason:)``.
  public init(directory: String) throws(ReportError) {
    try self.init(directory: directory, gnuplot: Gnuplot.find())
  }

  /// Writes by a gnuplot that was found before.
  public init(directory: String, gnuplot: Gnuplot) throws(ReportError) {
    let (folder, name) = splitPath(directory)
    self.directory = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    self.gnuplot = gnuplot
    _ = try isTaken()
    // Fails now rather than after hours, and leaves nothing.
    _ = try partialEntry()
  }

  /// Draws and writes a page.
  ///
  /// - Returns: The page's file.
  /// - Throws: ``ReportError``; then what was at the destination is as it was.
  @discardableResult
  public func write(_ page: ReportPage) throws(ReportError) -> String {
    let markup = try PageMarkup(page, gnuplot: gnuplot)
    let entry = try partialEntry()
    for (name, content) in markup.files + [("index.html", Array(markup.html.utf8))] {
      try write(content, to: "\(entry.path)/\(name)")
    }
    let isTaken = try isTaken()
    do throws(PartialEntryProblem) {
      if isTaken {
        try entry.exchange(with: directory)
      } else {
        try entry.move(to: directory)
      }
    } catch {
      throw ReportError(error, directory)
    }
    return "\(directory)/index.html"
  }

  private func partialEntry() throws(ReportError) -> PartialEntry {
    do throws(PartialEntryProblem) { return try PartialEntry(.folder, for: directory) } catch {
      throw ReportError(error, directory)
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(ReportError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last(directory) }
    defer { close(descriptor) }
    do throws(FileProblem) {
      try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileProblem) in
        try unsafe writeAll(UnsafeRawBufferPointer(bytes), to: descriptor)
      }
    } catch {
      switch error {
      case .notAFile: throw .system(directory, reason: "not a file")
      case .system(let code): throw .last(directory, code: code)
      }
    }
    guard fsync(descriptor) == 0 else { throw .last(directory) }
  }

  /// Whether an earlier report is at the destination; nothing else may be.
  private func isTaken() throws(ReportError) -> Bool {
    var status = stat()
    guard unsafe lstat(directory, &status) == 0 else {
      if errno == ENOENT { return false }
      throw .last(directory)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .foreignDestination(directory) }
    let names = entryNames(in: directory)
    if names.isEmpty { return false }
    let page = FileManager.default.contents(atPath: "\(directory)/index.html")
      .map { String(decoding: $0, as: UTF8.self) }
    let isReport =
      page?.prefix(1_000).contains(PageMarkup.signature) == true
      && names.allSatisfy { name in
        name == "index.html" || page?.contains("href=\"\(name)\"") == true
      }
    guard isReport else { throw .foreignDestination(directory) }
    return true
  }
}
