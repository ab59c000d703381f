import RankingMetrics
import Testing

struct ValidationRuleTests {
  /// Tasks with an AUC of 1, of 0.75, and with no positive row.
  static let tasks = [
    TaskMetrics(scores: [0.25, 0.75], labels: [0, 1]),
    TaskMetrics(scores: [0.5, 0.25, 0.25], labels: [1, 0, 1]),
    TaskMetrics(scores: [0.5], labels: [0]),
  ]

  @Test func `areas are averaged, or the lowest counts, over the tasks that have one`() {
    #expect(ValidationRule.meanAUC.value(of: Self.tasks) == 0.875)
    #expect(ValidationRule.worstAUC.value(of: Self.tasks) == 0.75)
  }

  @Test func `a lower log loss is better`() throws {
    let better = try #require(ValidationRule.meanLogLoss.value(of: [Self.tasks[0]]))
    let worse = try #require(ValidationRule.meanLogLoss.value(of: [Self.tasks[1]]))
    #expect(better > worse && better < 0)
  }

  @Test(arguments: ValidationRule.allCases)
  func `rows that define nothing have no value`(rule: ValidationRule) {
    #expect(rule.value(of: [TaskMetrics(scores: [], labels: [])]) == nil)
    #expect(rule.value(of: []) == nil)
  }
}
