import Foundation
internal import Interactions

/// A formula over named values, such as `click^0.3 * purchase * price`.
///
/// It takes numbers, names, `+ - * / ^`, parentheses, and the functions of ``Function``. Products
/// bind closer than sums, powers closer than signs (`-x^2` is `-(x^2)`), and `2^3^2` is `2^(3^2)`.
public struct ValueFormula: Sendable, Equatable, Codable, CustomStringConvertible {
  /// What a formula can call.
  public enum Function: String, Sendable, CaseIterable {
    case min, max, log, exp, sqrt

    /// Number of arguments; `min` and `max` take two or more.
    var takesMany: Bool { self == .min || self == .max }
  }

  /// A step of the compiled formula, which works on a stack.
  enum Step: Sendable, Equatable {
    case number(Double)
    case variable(Int)
    case add, subtract, multiply, divide, power, negate
    case minimum, maximum, logarithm, exponential, squareRoot
  }

  /// The formula as it was written.
  public let text: String
  /// The names in it, each once, in the order of their first use.
  public let variables: [String]
  let steps: [Step]
  let stackDepth: Int

  /// Compiles a formula.
  ///
  /// - Parameters:
  ///   - text: At most 4,096 bytes.
  ///   - names: The names it may use; nil allows any.
  /// - Throws: The first mistake in it.
  public init(_ text: String, names: [String]? = nil) throws(FormulaError) {
    var parser = FormulaParser(text, names: names)
    try parser.parse()
    self.text = text
    variables = parser.variables
    steps = parser.steps
    stackDepth = parser.stackDepth
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  public var description: String { text }

  /// The formula's value, given those of ``variables`` in their order.
  ///
  /// It is not finite where a step has no finite answer, as in a division by zero.
  public func callAsFunction(_ values: [Double]) -> Double {
    precondition(
      values.count == variables.count, "\(values.count) values for \(variables.count) names")
    return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: stackDepth) { stack in
      var top = -1
      for step in steps {
        switch step {
        case .number(let number):
          top += 1
          unsafe stack[top] = number
        case .variable(let index):
          top += 1
          unsafe stack[top] = values[index]
        case .negate: unsafe stack[top] = -stack[top]
        case .logarithm: unsafe stack[top] = log(stack[top])
        case .exponential: unsafe stack[top] = exp(stack[top])
        case .squareRoot: unsafe stack[top] = stack[top].squareRoot()
        case .add, .subtract, .multiply, .divide, .power, .minimum, .maximum:
          top -= 1
          unsafe stack[top] = Self.apply(step, stack[top], stack[top + 1])
        }
      }
      return unsafe stack[0]
    }
  }

  private static func apply(_ step: Step, _ a: Double, _ b: Double) -> Double {
    switch step {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: pow(a, b)
    // Unlike Swift.min, these pass on a value that is not a number.
    case .minimum: a.isNaN || a < b ? a : b
    case .maximum: a.isNaN || a > b ? a : b
    default: preconditionFailure("\(step) has not two operands")
    }
  }
}

/// What is wrong with a formula, and where.
public struct FormulaError: Error, Equatable, CustomStringConvertible {
  /// The character at which the formula stops making sense, from 1.
  public var column: Int
  public var problem: String
  public var suggestion: String?

  public init(column: Int, problem: String, suggestion: String? = nil) {
    self.column = column
    self.problem = problem
    self.suggestion = suggestion
  }

  public var description: String {
    "column \(column): \(problem)" + Spelling.hint(suggestion)
  }
}
