import Frontiers
import Testing

struct PickRuleTests {
  private static let tasks = ["click", "add_to_cart", "purchase"]

  private static func rule(
    _ text: String, better: PickRule.Better = .higher
  ) throws(PickError) -> PickRule {
    try PickRule(text, taskNames: tasks, better: better) { $0 == "purchse" ? "purchase" : nil }
  }

  @Test(arguments: [
    "purchase >= 0.95 best, maximise click", "maximize click,purchase>=95% best",
    " MAXIMISE click ,  purchase ≥ 95 % best".replacing(" %", with: "%"),
  ])
  func `a rule can be written in several ways`(text: String) throws {
    let rule = try Self.rule(text)
    #expect(rule.goal == 0)
    #expect(rule.conditions == [PickRule.Condition(task: 2, bound: .shareOfBest(0.95))])
  }

  @Test func `several conditions and plain numbers are fine, and so is none`() throws {
    let rule = try Self.rule("purchase >= 0.74, add_to_cart >= 0.7, maximise click")
    #expect(rule.conditions.map(\.bound) == [.value(0.74), .value(0.7)])
    #expect(try Self.rule("maximise click").conditions == [])
    #expect(try Self.rule("purchase <= 1.05 best, minimise click", better: .lower).goal == 0)
  }

  @Test(arguments: [
    (
      "purchse >= 0.95 best, maximise click",
      "pick: there is no task purchse; did you mean purchase?"
    ),
    ("maximise sale", "pick: there is no task sale; there are click, add_to_cart, purchase"),
    ("purchase >= 0.9", "pick: there is no goal; give exactly one, as in maximise click"),
    (
      "maximise click, maximise purchase",
      "pick: there are 2 goals; give exactly one, as in maximise click"
    ),
    ("minimise click", "pick: 'minimise click': the higher the better, so write maximise"),
    (
      "purchase < 0.9, maximise click",
      "pick: 'purchase < 0.9': the higher the better, so write >="
    ),
    (
      "purchase >= good, maximise click",
      "pick: 'purchase >= good' is not held to a number, as in 0.74, or to a share, as in 0.95 best"
    ),
    (
      "purchase >= 0.9 beast, maximise click",
      "pick: 'purchase >= 0.9 beast' is not held to a number, as in 0.74, or to a share, as in 0.95 best"
    ),
    (
      "purchase >= 0.9,, maximise click",
      "pick: '' is not a condition, as in purchase >= 0.95 best, or a goal, as in maximise click"
    ),
    (
      "",
      "pick: '' is not a condition, as in purchase >= 0.95 best, or a goal, as in maximise click"
    ),
  ])
  func `a mistake is told in one line`(text: String, message: String) {
    let error = #expect(throws: PickError.self) { try Self.rule(text) }
    #expect(error?.description == message)
  }

  private static let points: [[Double]] = [
    [0.80, 0.6, 0.70], [0.78, 0.6, 0.76], [0.75, 0.6, 0.79], [0.70, 0.6, 0.80], [0.99, 0.9, .nan],
  ]

  @Test func `the best point for the goal among those good enough is picked`() throws {
    let choice = try Self.rule("purchase >= 0.95 best, maximise click").choice(from: Self.points)
    #expect(choice.point == 1)
    #expect(choice.bounds == [0.95 * 0.80])
    #expect(try Self.rule("maximise click").choice(from: Self.points).point == 0)
    #expect(try Self.rule("purchase >= 0.8, maximise click").choice(from: Self.points).point == 3)
  }

  @Test func `losses are picked the other way round`() throws {
    let losses = Self.points.map { $0.map { 1 - $0 } }
    let rule = try Self.rule("purchase <= 0.25, minimise click", better: .lower)
    #expect(try rule.choice(from: losses).point == 1)
    let share = try Self.rule("purchase <= 1.1 best, minimise click", better: .lower)
    #expect(try share.choice(from: losses).point == 2)
  }

  @Test func `where nothing fits, it is told how close the best came`() throws {
    let rule = try Self.rule("purchase >= 0.9, click >= 0.7, maximise click")
    let error = #expect(throws: PickError.self) { try rule.choice(from: Self.points) }
    #expect(
      error?.description
        == "pick: no point of the frontier fits; the closest has purchase 0.8 for 0.9 (best of any 0.8), click 0.7 for 0.7 (best of any 0.8)"
    )
  }

  @Test func `equals for the goal are told apart by the other tasks, then by their order`() throws {
    let points: [[Double]] = [[0.8, 0.5, 0.5], [0.8, 0.6, 0.5], [0.8, 0.6, 0.5]]
    #expect(try Self.rule("maximise click").choice(from: points).point == 1)
  }
}
