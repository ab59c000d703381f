import Interactions
import ShopSimulation
import Testing

struct ShopSchemaTests {
  @Test(arguments: ShopTable.allCases)
  func `the schema creates each table with its columns`(table: ShopTable) throws {
    let sql = ShopSimulation.schemaSQL
    let start = try #require(sql.firstRange(of: "CREATE TABLE \(table.rawValue) (")).upperBound
    let end = try #require(sql[start...].firstRange(of: "\n);")).lowerBound
    let body = sql[start..<end]
    let names = [
      "int8": "bigint", "int8[]": "bigint[]", "int2": "smallint", "float8": "double precision",
    ]
    for column in table.definition.columns {
      let type = names[column.databaseType] ?? column.databaseType
      #expect(body.contains("\n  \(column.name) \(type) "), "\(table.rawValue).\(column.name)")
    }
  }

  @Test(arguments: ["log_end", "labelled_impressions", "candidate_features"])
  func `the schema creates each view`(view: String) {
    #expect(ShopSimulation.schemaSQL.contains("CREATE VIEW \(view) AS"))
  }

  @Test func `tables are listed once each`() {
    let names = ShopSimulation.tables.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count == ShopTable.allCases.count)
  }
}
