import Foundation
import RunConfiguration
import Testing

/// Small texts with a form of their own: addresses and tables.
struct TextFormTests {
  @Test(arguments: [
    ("postgresql://me:secret@db:5432/shop", "postgresql://me@db:5432/shop"),
    ("postgres://me:se/cr?et@db/shop", "postgres://me…"),
    ("postgresql://me:se@cret@db/shop", "postgresql://me@db/shop"),
    ("postgresql://db/shop?user=me&password=secret", "postgresql://db/shop?user=me"),
    ("postgresql://db/shop?password=secret", "postgresql://db/shop"),
    ("postgresql://db:5432/shop?user=me@corp&password=secret", "postgresql://db…"),
    ("postgresql://db:5432/shop?password=se@cret", "postgresql://db…"),
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
}
