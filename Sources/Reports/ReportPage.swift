/// One page of results: plain values, which ``ReportWriter`` draws and writes.
///
/// Texts are plain, too: whatever they hold is shown as it is, and never taken for markup.
public struct ReportPage: Sendable {
  /// What the page is about.
  public var title: String
  /// What came out, in one sentence.
  public var summary: String
  /// What the numbers rest on: data window, rows, model, version.
  public var facts: [Fact]
  /// In reading order.
  public var sections: [Section]

  /// Creates a page.
  public init(title: String, summary: String, facts: [Fact] = [], sections: [Section] = []) {
    self.title = title
    self.summary = summary
    self.facts = facts
    self.sections = sections
  }

  /// A name and its value.
  public struct Fact: Sendable {
    public var name: String
    public var value: String

    /// Creates a fact.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A part of the page under a heading.
  public struct Section: Sendable {
    public var title: String
    /// What the section shows and how to read it, for a newcomer.
    public var explanation: String
    public var parts: [Part]

    /// Creates a section.
    public init(_ title: String, explanation: String, parts: [Part]) {
      self.title = title
      self.explanation = explanation
      self.parts = parts
    }
  }

  /// What a section consists of.
  public enum Part: Sendable {
    case paragraph(String)
    case table(ReportTable)
    case plot(Plot)
    /// A text with its line ends, folded away under its title.
    case preformatted(title: String, text: String)
  }
}

/// Rows of texts under a header.
public struct ReportTable: Sendable {
  /// How the texts of a column stand.
  public enum Alignment: Sendable { case leading, trailing }

  /// A column's header.
  public struct Column: Sendable {
    public var title: String
    public var alignment: Alignment

    /// Creates a column; numbers stand at its end.
    public init(_ title: String, _ alignment: Alignment = .trailing) {
      self.title = title
      self.alignment = alignment
    }
  }

  public var columns: [Column]
  /// One text a column each.
  public var rows: [[String]]

  /// Creates a table.
  public init(_ columns: [Column], rows: [[String]]) {
    precondition(
      rows.allSatisfy { $0.count == columns.count }, "rows of other than \(columns.count) texts")
    self.columns = columns
    self.rows = rows
  }
}
