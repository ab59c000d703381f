import Testing
import Tuning

struct SearchDimensionTests {
  @Test(
    arguments: [
      ("network.dropout=0..0.5", .real(low: 0, high: 0.5, isLogarithmic: false)),
      (" a.b = -1.5 .. 1e3 ", .real(low: -1.5, high: 1_000, isLogarithmic: false)),
      (
        "optimizer.learning_rate=log:1e-4..1e-2",
        .real(low: 1e-4, high: 1e-2, isLogarithmic: true)
      ),
      ("training.epochs=1..4", .whole(low: 1, high: 4, isLogarithmic: false)),
      ("network.experts=log:1..64", .whole(low: 1, high: 64, isLogarithmic: true)),
      ("network.architecture=mmoe, stem,ple", .choice(["mmoe", "stem", "ple"])),
      ("network.expert=[64,32],[128, 64]", .choice(["[64,32]", "[128, 64]"])),
      ("combiner={kind: static},{kind: famo}", .choice(["{kind: static}", "{kind: famo}"])),
      ("a=\"x,y\",z", .choice(["\"x,y\"", "z"])),
    ] as [(String, SearchDimension.Values)])
  func `values are read as they are written`(text: String, values: SearchDimension.Values) throws {
    #expect(try SearchDimension(text).values == values)
  }

  @Test(
    arguments: [
      ("", .notASearch("")), ("a", .notASearch("a")), ("=1..2", .notASearch("=1..2")),
      ("a= ", .notASearch("a= ")), ("a=1..x", .badInterval(path: "a", found: "1..x")),
      ("a=..2", .badInterval(path: "a", found: "..2")),
      ("a=1..inf", .badInterval(path: "a", found: "1..inf")),
      ("a=nan..1", .badInterval(path: "a", found: "nan..1")),
      ("a=1..2..3", .badInterval(path: "a", found: "1..2..3")),
      ("a=0..99999999999999999", .badInterval(path: "a", found: "0..99999999999999999")),
      ("a=2:4", .badInterval(path: "a", found: "2:4")),
      ("a=log:3", .badInterval(path: "a", found: "log:3")),
      ("a=2..2", .emptyInterval(path: "a", found: "2..2")),
      ("a=2.5..1", .emptyInterval(path: "a", found: "2.5..1")),
      ("a=log:0..1", .noLogarithm(path: "a", found: "0..1")),
      ("a=x,,y", .emptyChoice(path: "a")), ("a=x", .nothingToChoose(path: "a", only: "x")),
      ("a=x,y,x", .repeatedChoice(path: "a", choice: "x")),
      ("a=[1,2],[3", .openBracket(path: "a", found: "[1,2],[3")),
      ("a=1],[2]", .openBracket(path: "a", found: "1],[2]")),
      ("a=x,'y", .openBracket(path: "a", found: "x,'y")),
    ] as [(String, SearchSpaceError)])
  func `what makes no sense is told`(text: String, error: SearchSpaceError) {
    #expect(throws: error) { try SearchDimension(text) }
    #expect(error.description.hasPrefix("--search "))
    #expect(!error.description.contains("\n"))
  }

  @Test func `dimensions must not set the same key`() throws {
    let (network, dropout) = (
      try SearchDimension("network={},null"), try SearchDimension("network.dropout=0..0.5")
    )
    let other = try SearchDimension("network.dropout_share=0..0.5")
    #expect(throws: SearchSpaceError.empty) { try SearchSpace([]) }
    #expect(throws: SearchSpaceError.overlap("network.dropout", "network.dropout")) {
      try SearchSpace([dropout, dropout])
    }
    for pair in [[network, dropout], [dropout, network]] {
      #expect(throws: SearchSpaceError.overlap("network", "network.dropout")) {
        try SearchSpace(pair)
      }
    }
    #expect(try SearchSpace([dropout, other]).dimensions.count == 2)
  }

  @Test func `a point's settings are values of the space, with four digits`() throws {
    let space = try SearchSpace([
      SearchDimension("rate=log:1e-4..1e-2"), SearchDimension("share=0..0.5"),
      SearchDimension("epochs=1..4"), SearchDimension("kind=a,b,c"),
    ])
    #expect(
      space.settings(at: [0.5, 0.123456, 0.1, 2])
        == ["rate=0.001", "share=0.06173", "epochs=1", "kind=c"])
    #expect(
      space.settings(at: [0, 0, 0, 0]) == ["rate=0.0001", "share=0.0", "epochs=1", "kind=a"])
    #expect(space.settings(at: [1, 1, 1, 1]) == ["rate=0.01", "share=0.5", "epochs=4", "kind=b"])
  }

  @Test func `whole numbers are equally likely`() throws {
    let space = try SearchSpace([SearchDimension("n=1..4")])
    let found = (0..<400).map { space.settings(at: [(Double($0) + 0.5) / 400])[0] }
    for number in 1...4 { #expect(found.count { $0 == "n=\(number)" } == 100) }
  }
}
