import Foundation
import RunConfiguration
import Testing

/// Small texts with a form of their own: addresses, tables, spans, moments.
struct TextFormTests {
  @Test(arguments: [
    ("postgresql://me:secret@db:5432/shop", "postgresql://me@db:5432/shop"),
    ("postgres://me:se/cr?et@db/shop", "postgres://me@db/shop"),
    ("postgresql://me:se@cret@db/shop", "postgresql://me@db/shop"),
    ("postgresql://db/shop?user=me&password=secret", "postgresql://db/shop?user=me"),
    ("postgresql://db/shop?password=secret", "postgresql://db/shop"),
    ("postgresql:///shop", "postgresql:///shop"),
    ("host=db password=secret dbname=shop", "host=db dbname=shop"),
    ("password = 'se cr\\'et' dbname=shop", "dbname=shop"),
    ("PASSWORD=secret", ""),
    ("host=db sslpassword=secret", "host=db"),
    ("dbname=shop user=me", "dbname=shop user=me"),
  ])
  func `an address shows no password`(address: String, shown: String) throws {
    #expect(DatabaseAddress(address).description == shown)
    let json = try JSONEncoder().encode([DatabaseAddress(address)])
    #expect(try JSONDecoder().decode([String].self, from: json) == [shown])
  }

  @Test func `tables have a name and perhaps a schema`() {
    #expect(RunConfiguration.Relation("views") == .init(name: "views"))
    #expect(RunConfiguration.Relation("shop.views") == .init(schema: "shop", name: "views"))
    #expect(RunConfiguration.Relation("\"a.b\".c") == .init(schema: "a.b", name: "c"))
    for text in ["", ".", "a.", ".a", "a.b.c", "\"a"] {
      #expect(RunConfiguration.Relation(text) == nil, "\(text)")
    }
  }

  @Test func `spans are counts of units`() {
    #expect(RunConfiguration.Span("28 days") == .days(28))
    #expect(RunConfiguration.Span("2weeks") == .days(14))
    #expect(RunConfiguration.Span("36 hours") == .init(microseconds: 36 * 3_600_000_000))
    #expect(RunConfiguration.Span("1.5 minutes") == .init(microseconds: 90_000_000))
    for text in [
      "", "days", "0 days", "-1 days", "1e9 days", "99999999999999999999 weeks", "1 dayss",
    ] {
      #expect(RunConfiguration.Span(text) == nil, "\(text)")
    }
  }

  @Test func `moments are read as ISO 8601 writes them`() {
    let formatter = ISO8601DateFormatter()
    for text in [
      "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2025-03-01T06:00:00+02:00",
      "1969-12-31T23:00:00-01:30", "2100-12-31T00:00:00Z", "1600-03-01T00:00:00Z",
    ] {
      let expected = formatter.date(from: text).map { Int64($0.timeIntervalSince1970) * 1_000_000 }
      #expect(ISO8601.microseconds(text) == expected, "\(text)")
    }
    #expect(ISO8601.microseconds("1970-01-02") == 86_400_000_000)
    #expect(ISO8601.microseconds("1970-01-01 00:01") == 60_000_000)
    #expect(ISO8601.microseconds("1970-01-01T00:00:00.25Z") == 250_000)
    #expect(ISO8601.microseconds("1970-01-01T01:00+0100") == 0)
    for text in [
      "", "2025", "2025-13-01", "2025-02-29", "2025-01-01T24:00", "2025-01-01T00:00X",
      "2025-01-01T00:00:00+2", "2025-1-1", "2025-01-01Z", "2025-01-01T00:00:00.1234567",
    ] {
      #expect(ISO8601.microseconds(text) == nil, "\(text)")
    }
  }
}
