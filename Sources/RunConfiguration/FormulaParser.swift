import Interactions

/// Compiles a formula by recursive descent, one function for each level of precedence.
struct FormulaParser {
  private enum Token: Equatable {
    case number(Double)
    case name(String)
    case symbol(Character)
    case end
  }

  private static let longest = 4_096
  private static let deepest = 100

  private let text: [Character]
  private let byteCount: Int
  private let names: [String]?
  private var position = 0
  private var token = Token.end
  /// Where ``token`` begins, from 0.
  private var start = 0
  private var nesting = 0
  private var stackHeight = 0

  private(set) var variables: [String] = []
  private(set) var steps: [ValueFormula.Step] = []
  private(set) var stackDepth = 0

  init(_ text: String, names: [String]?) {
    self.byteCount = text.utf8.count
    self.text = byteCount <= Self.longest ? Array(text) : []
    self.names = names
  }

  mutating func parse() throws(FormulaError) {
    guard byteCount <= Self.longest else {
      throw FormulaError(
        column: Self.longest + 1, problem: "more than \(Self.longest) bytes")
    }
    try advance()
    try sum()
    if token != .end { throw expected("an operator or the end") }
  }

  // MARK: Grammar

  private mutating func sum() throws(FormulaError) {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.deepest else { throw tooDeep }
    try product()
    while token == .symbol("+") || token == .symbol("-") {
      let step: ValueFormula.Step = token == .symbol("+") ? .add : .subtract
      try advance()
      try product()
      append(step, change: -1)
    }
  }

  private mutating func product() throws(FormulaError) {
    try signed()
    while token == .symbol("*") || token == .symbol("/") {
      let step: ValueFormula.Step = token == .symbol("*") ? .multiply : .divide
      try advance()
      try signed()
      append(step, change: -1)
    }
  }

  private mutating func signed() throws(FormulaError) {
    guard token == .symbol("-") else { return try power() }
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.deepest else { throw tooDeep }
    try advance()
    try signed()
    append(.negate, change: 0)
  }

  private mutating func power() throws(FormulaError) {
    try operand()
    guard token == .symbol("^") else { return }
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.deepest else { throw tooDeep }
    try advance()
    try signed()
    append(.power, change: -1)
  }

  private mutating func operand() throws(FormulaError) {
    switch token {
    case .number(let value):
      append(.number(value), change: 1)
      try advance()
    case .symbol("("):
      try advance()
      try sum()
      try close()
    case .name(let name):
      let nameStart = start
      try advance()
      if token == .symbol("(") {
        try call(name, at: nameStart)
      } else {
        try append(variable: name, at: nameStart)
      }
    default: throw expected("a number, a name or (")
    }
  }

  private mutating func call(_ name: String, at nameStart: Int) throws(FormulaError) {
    guard let function = ValueFormula.Function(rawValue: name) else {
      let functions = ValueFormula.Function.allCases.map(\.rawValue)
      throw FormulaError(
        column: nameStart + 1,
        problem: "\(name) is not one of the functions \(functions.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: name, among: functions))
    }
    try advance()
    try sum()
    guard function.takesMany else {
      try close()
      switch function {
      case .log: append(.logarithm, change: 0)
      case .exp: append(.exponential, change: 0)
      default: append(.squareRoot, change: 0)
      }
      return
    }
    guard token == .symbol(",") else { throw expected("a comma: \(name) takes two values or more") }
    while token == .symbol(",") {
      try advance()
      try sum()
      append(function == .min ? .minimum : .maximum, change: -1)
    }
    try close()
  }

  private mutating func close() throws(FormulaError) {
    guard token == .symbol(")") else { throw expected("an operator or )") }
    try advance()
  }

  private mutating func append(variable name: String, at nameStart: Int) throws(FormulaError) {
    if let names, !names.contains(name) {
      throw FormulaError(
        column: nameStart + 1, problem: "\(name) is not one of \(names.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: name, among: names))
    }
    let index = variables.firstIndex(of: name) ?? variables.count
    if index == variables.count { variables.append(name) }
    append(.variable(index), change: 1)
  }

  private mutating func append(_ step: ValueFormula.Step, change: Int) {
    steps.append(step)
    stackHeight += change
    stackDepth = max(stackDepth, stackHeight)
  }

  // MARK: Tokens

  private mutating func advance() throws(FormulaError) {
    while position < text.count, text[position].isWhitespace { position += 1 }
    start = position
    guard position < text.count else {
      token = .end
      return
    }
    let first = text[position]
    if isDigit(first) || first == "." {
      token = .number(try number())
    } else if isLetter(first) {
      while position < text.count, isLetter(text[position]) || isDigit(text[position]) {
        position += 1
      }
      token = .name(String(text[start..<position]))
    } else if "+-*/^(),".contains(first) {
      position += 1
      token = .symbol(first)
    } else {
      throw FormulaError(
        column: start + 1, problem: "\(YAMLNode.quoted(String(first))) has no place in a formula")
    }
  }

  private mutating func number() throws(FormulaError) -> Double {
    func skipDigits() { while position < text.count, isDigit(text[position]) { position += 1 } }
    skipDigits()
    if position < text.count, text[position] == "." {
      position += 1
      skipDigits()
    }
    if position < text.count, text[position] == "e" || text[position] == "E" {
      position += 1
      if position < text.count, text[position] == "+" || text[position] == "-" { position += 1 }
      skipDigits()
    }
    let digits = String(text[start..<position])
    let isFollowed = position < text.count && (isLetter(text[position]) || text[position] == ".")
    guard !isFollowed, let value = YAMLNode.number(digits) else {
      throw FormulaError(column: start + 1, problem: "\(digits) is not a number")
    }
    return value
  }

  private func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

  private func isLetter(_ character: Character) -> Bool {
    character == "_" || (character.isASCII && character.isLetter)
  }

  // MARK: Mistakes

  private func expected(_ what: String) -> FormulaError {
    let found = token == .end ? "the end" : YAMLNode.quoted(String(text[start..<position]))
    return FormulaError(column: start + 1, problem: "expected \(what), found \(found)")
  }

  private var tooDeep: FormulaError {
    FormulaError(column: start + 1, problem: "nested more than \(Self.deepest) levels deep")
  }
}
