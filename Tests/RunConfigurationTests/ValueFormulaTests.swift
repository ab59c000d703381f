import Foundation
import RunConfiguration
import Testing

struct ValueFormulaTests {
  @Test(arguments: [
    ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("2^3^2", 512), ("-2^2", -4), ("2^-1", 0.5),
    ("8 / 4 / 2", 1), ("7 - 2 - 1", 4), ("--3", 3), ("1e-3 * 1000", 1), (".5 + 1.", 1.5),
    ("min(3, 1, 2)", 1), ("max(3, 1, 2)", 3), ("log(exp(2))", 2), ("sqrt(16)", 4),
    ("2 * -3", -6), ("-(1 + 2)^2", -9),
  ])
  func `arithmetic follows the usual rules`(text: String, expected: Double) throws {
    #expect(try ValueFormula(text)([]) == expected)
  }

  @Test func `names stand for the values given in order of first use`() throws {
    let formula = try ValueFormula("click^0.3 * purchase * price + click")
    #expect(formula.variables == ["click", "purchase", "price"])
    let expected = pow(0.25, 0.3) * 0.5 * 20 + 0.25
    #expect(formula([0.25, 0.5, 20]) == expected)
  }

  @Test func `answers that are not finite are passed on`() throws {
    #expect(try ValueFormula("1 / x")([0]) == .infinity)
    #expect(try ValueFormula("log(x)")([-1]).isNaN)
    #expect(try ValueFormula("min(x, 1)")([.nan]).isNaN)
    #expect(try ValueFormula("max(1, x)")([.nan]).isNaN)
  }

  @Test(arguments: [
    ("", "column 1: expected a number, a name or (, found the end"),
    ("click *", "column 8: expected a number, a name or (, found the end"),
    ("click purchase", "column 7: expected an operator or the end, found \"purchase\""),
    ("(click", "column 7: expected an operator or ), found the end"),
    ("click)", "column 6: expected an operator or the end, found \")\""),
    ("click % 2", "column 7: \"%\" has no place in a formula"),
    ("1.2.3", "column 1: 1.2 is not a number"),
    ("2x", "column 1: 2 is not a number"),
    (".", "column 1: . is not a number"),
    ("max(click)", "column 10: expected a comma: max takes two values or more, found \")\""),
    ("sqrt(click, 2)", "column 11: expected an operator or ), found \",\""),
    (
      "sqr(click)",
      "column 1: sqr is not one of the functions min, max, log, exp, sqrt; did you mean sqrt?"
    ),
    ("clik * 2", "column 1: clik is not one of click, price; did you mean click?"),
    ("price * discount", "column 9: discount is not one of click, price"),
  ])
  func `mistakes say where and what would fit`(text: String, message: String) {
    let error = #expect(throws: FormulaError.self) {
      try ValueFormula(text, names: ["click", "price"])
    }
    #expect(error?.description == message)
  }

  @Test func `very deep and very long formulas are refused`() {
    for text in [
      String(repeating: "(", count: 4_000), String(repeating: "-", count: 4_000) + "1",
      "1" + String(repeating: "^1", count: 2_000), String(repeating: "1+", count: 100_000) + "1",
    ] {
      #expect(throws: FormulaError.self) { try ValueFormula(text) }
    }
    #expect(throws: Never.self) {
      try ValueFormula(String(repeating: "1+", count: 2_000) + "1")
    }
  }

  @Test func `JSON holds the text and refuses a bad one`() throws {
    let formula = try ValueFormula("click ^ 2")
    let json = try JSONEncoder().encode([formula])
    #expect(String(decoding: json, as: UTF8.self) == "[\"click ^ 2\"]")
    #expect(try JSONDecoder().decode([ValueFormula].self, from: json) == [formula])
    #expect(throws: FormulaError.self) {
      try JSONDecoder().decode([ValueFormula].self, from: Data("[\"click ^\"]".utf8))
    }
  }
}
