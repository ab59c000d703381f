import Foundation
import RankingMetrics
import Testing

struct StudentTTests {
  private struct Golden: Decodable {
    struct Point: Decodable {
      var probability: Double
      var degrees: Double
      var value: Double
    }
    var quantiles: [Point]
    var shares: [Point]
  }

  private static func golden() throws -> Golden {
    let file = URL(fileURLWithPath: #filePath)
      .appending(path: "../../../fixtures/metrics/student_t.json").standardized
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  @Test func `quantiles and shares are scipy's`() throws {
    let golden = try Self.golden()
    for point in golden.quantiles {
      let value = StudentT.quantile(point.probability, degreesOfFreedom: point.degrees)
      #expect(abs(value - point.value) <= 1e-9 * max(1, abs(point.value)), "\(point)")
    }
    for point in golden.shares {
      let share = StudentT.cumulative(point.value, degreesOfFreedom: point.degrees)
      #expect(abs(share - point.probability) <= 1e-12, "\(point)")
    }
  }

  @Test func `infinitely many degrees of freedom give the normal distribution`() {
    let quantile = StudentT.quantile(0.975, degreesOfFreedom: .infinity)
    #expect(abs(quantile - 1.959_963_984_540_054) < 1e-12)
  }
}
