import Combiners
import TestSupport
import Testing

struct GradSimilarityTests {
  static func weights(
    _ jacobian: [[Double]], main: Int, form: GradSimilarity.Form = .weighted
  ) throws -> [Double] {
    var combiner = try GradSimilarity(taskCount: jacobian.count, main: main, form: form)
    return combiner.weights(for: Gramian(of: jacobian), tasks: Array(jacobian.indices))
  }

  @Test func `gives the notes' weights`() throws {
    let weighted = try GradSimilarityTests.weights(Samples.example, main: 0)
    let cosine = 1 / 3.0.squareRoot()
    #expect(Samples.difference(weighted, [1, 0, cosine]) < Tolerance.double)
    #expect(
      try GradSimilarityTests.weights(Samples.example, main: 0, form: .unweighted) == [1, 0, 1])
    #expect(try GradSimilarityTests.weights(Samples.example, main: 1) == [0, 1, 0])
  }

  @Test func `counts an orthogonal task only in the unweighted form`() throws {
    let jacobian: [[Double]] = [[1, 0], [0, 2]]
    #expect(try GradSimilarityTests.weights(jacobian, main: 0) == [1, 0])
    #expect(try GradSimilarityTests.weights(jacobian, main: 0, form: .unweighted) == [1, 1])
  }

  @Test func `takes the cosine of average products`() throws {
    var combiner = try GradSimilarity(taskCount: 2, main: 0, beta: 0.5)
    _ = combiner.weights(for: Gramian(of: [[1, 0], [1, 0]]), tasks: [0, 1])
    let weights = combiner.weights(for: Gramian(of: [[2, 0], [0, 1]]), tasks: [0, 1])
    // Averages, but for a common factor: products ½ · 1 + 0, main squares ½ · 1 + 4, squares ½ · 1 + 1.
    let cosine = 0.5 / (4.5 * 1.5).squareRoot()
    #expect(Samples.difference(weights, [1, cosine]) < Tolerance.double)
    // Without the main task, the averages stay.
    let later = combiner.weights(for: Gramian(of: [[0, 1]]), tasks: [1])
    #expect(Samples.difference(later, [cosine]) < Tolerance.double)
  }

  @Test(arguments: [(GradSimilarity.WithoutMain.skip, 0.0), (.use, 1.0)])
  func `without a main gradient does as it is told`(
    withoutMain: GradSimilarity.WithoutMain, weight: Double
  ) throws {
    for form in GradSimilarity.Form.allCases {
      var combiner = try GradSimilarity(
        taskCount: 3, main: 0, form: form, withoutMain: withoutMain)
      _ = combiner.weights(for: Gramian(of: [[1, 1], [1, 0], [0, 1]]), tasks: [0, 1, 2])
      let absent = combiner.weights(for: Gramian(of: [[1, 0], [0, 1]]), tasks: [1, 2])
      #expect(absent == [weight, weight])
      let zero = combiner.weights(
        for: Gramian(of: [[0, 0], [1, 0], [0, 1]]), tasks: [0, 1, 2])
      #expect(zero == [1, weight, weight])
    }
  }

  @Test func `leaves a zero auxiliary gradient out`() throws {
    #expect(try GradSimilarityTests.weights([[1, 1], [0, 0]], main: 0) == [1, 0])
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(name: "main", value: "2", expected: "one of the 2 tasks")
    ) { try GradSimilarity(taskCount: 2, main: 2) }
    #expect(
      throws: CombinerError.badSetting(name: "beta", value: "1.0", expected: "a number in 0..<1")
    ) { try GradSimilarity(taskCount: 2, main: 0, beta: 1) }
  }
}
