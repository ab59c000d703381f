import Foundation
import Interactions
import Jobs

/// Task gradients of one step and of steps before, as `paretorank combine` reads them.
struct GradientInput {
  /// One step's gradients and losses.
  struct Step: Decodable {
    /// A row a task, `[taskCount, parameterCount]`; null where a task is absent.
    var jacobian: [[Double]?]
    /// In nats, one a task.
    var losses: [Double]?
    /// Gradients over the other half of the rows, for methods that compare two halves.
    var secondHalf: [[Double]?]?

    /// The tasks that are present, ascending.
    var tasks: [Int] { jacobian.indices.filter { jacobian[$0] != nil } }

    enum CodingKeys: String, CodingKey {
      case jacobian, losses
      case secondHalf = "second_half"
    }
  }

  private struct Document: Decodable {
    var steps: [Step]?
  }

  /// The steps before, in order.
  let earlier: [Step]
  /// The step to answer for.
  let last: Step

  var taskCount: Int { last.jacobian.count }

  /// Reads JSON, or lines of numbers, and checks that rows and steps fit together.
  init(_ data: Data) throws {
    let text = String(decoding: data, as: UTF8.self)
    switch text.first(where: { !$0.isWhitespace }) {
    case nil: throw JobError.badData("no gradients on standard input; --help shows an example")
    case "{":
      try Self.checkKeys(data)
      earlier = try Self.decoded(Document.self, data).steps ?? []
      last = try Self.decoded(Step.self, data)
    case "[":
      earlier = []
      last = Step(jacobian: try Self.decoded([[Double]?].self, data))
    default:
      earlier = []
      last = Step(jacobian: try Self.rows(of: text))
    }
    try check(last, named: "the gradients")
    for (index, step) in earlier.enumerated() { try check(step, named: "step \(index + 1)") }
  }

  private static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as DecodingError {
      throw JobError.badData(
        "the gradients are no JSON of the form that --help shows: \(error.line)")
    }
  }

  /// Keys of the object that nothing reads, which are likely misspelt.
  private static func checkKeys(_ data: Data) throws {
    let known = ["jacobian", "losses", "second_half", "steps"]
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      return
    }
    let steps = (object["steps"] as? [[String: Any]]) ?? []
    for key in ([object] + steps).flatMap(\.keys).sorted() where !known.contains(key) {
      let meant = Spelling.hint(Spelling.nearest(to: key, among: known))
      throw JobError.badData(
        "the gradients have an unknown key \"\(key)\"; known are \(known.joined(separator: ", "))"
          + meant)
    }
  }

  private static func rows(of text: String) throws -> [[Double]?] {
    try text.split(whereSeparator: \.isNewline).enumerated().map { line, row in
      try row.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map { cell in
        guard let number = Double(cell) else {
          throw JobError.badData("line \(line + 1): \"\(cell)\" is not a number")
        }
        return number
      }
    }
  }

  private func check(_ step: Step, named name: String) throws {
    guard step.jacobian.count == taskCount, taskCount > 0 else {
      throw JobError.badData(
        "\(name): \(step.jacobian.count) rows, where \(max(taskCount, 1)) are needed, one a task")
    }
    let halves = [step.jacobian] + (step.secondHalf.map { [$0] } ?? [])
    let rows = halves.joined().compactMap(\.self)
    let width = last.jacobian.compactMap(\.self).first?.count ?? 0
    guard width > 0 else { throw JobError.badData("\(name): no row has a number") }
    for (index, row) in rows.enumerated() {
      guard row.count == width else {
        throw JobError.badData(
          "\(name): row \(index + 1) has \(row.count) numbers, the first one \(width)")
      }
      guard row.allSatisfy(\.isFinite) else {
        throw JobError.badData("\(name): row \(index + 1) has a number that is not finite")
      }
    }
    if let half = step.secondHalf,
      half.map({ $0 == nil }) != step.jacobian.map({ $0 == nil })
    {
      throw JobError.badData("\(name): second_half has not the same tasks as jacobian")
    }
    if let losses = step.losses {
      guard losses.count == taskCount else {
        throw JobError.badData("\(name): \(losses.count) losses for \(taskCount) tasks")
      }
      guard losses.allSatisfy(\.isFinite) else {
        throw JobError.badData("\(name): a loss is not finite")
      }
    }
  }
}
