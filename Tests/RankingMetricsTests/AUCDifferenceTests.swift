import Foundation
import RankingMetrics
import Testing

/// Two models' scores of `fixtures/metrics/pairs.json`, with the values computed there.
struct GoldenPair: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var first: [Float]
  var second: [Float]
  var labels: [UInt8]
  var weights: [Float]?
  var difference: Double
  var variance: Double

  var testDescription: String { name }

  static func all() throws -> [GoldenPair] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../fixtures/metrics/pairs.json")
    return try JSONDecoder().decode([GoldenPair].self, from: Data(contentsOf: file))
  }
}

struct AUCDifferenceTests {
  @Test(arguments: try GoldenPair.all())
  func `agrees with DeLong's covariances of the independent program`(golden: GoldenPair) throws {
    let gain = try AUCDifference(
      first: golden.first, second: golden.second, labels: golden.labels,
      weights: golden.weights)
    let variance = try #require(gain.variance)
    #expect(abs(gain.value - golden.difference) < 1e-12)
    #expect(abs(variance - golden.variance) < 1e-12)
    let interval = try #require(gain.interval)
    let reach = 1.959963984540054 * golden.variance.squareRoot()
    #expect(abs(interval.lowerBound - (golden.difference - reach)) < 1e-12)
    #expect(abs(interval.upperBound - (golden.difference + reach)) < 1e-12)
  }

  @Test func `equal order is a difference of exactly zero`() throws {
    let scores: [Float] = [0.3, 0.1, 0.4, 0.15, 0.9]
    let halves = scores.map { $0 / 2 }
    let gain = try AUCDifference(first: scores, second: halves, labels: [1, 0, 0, 1, 1])
    #expect(gain.value == 0)
    #expect(gain.interval == 0...0)
  }

  @Test func `one positive has a difference but no interval`() throws {
    let gain = try AUCDifference(
      first: [0.1, 0.2, 0.3], second: [0.3, 0.2, 0.1], labels: [1, 0, 0])
    #expect(gain.value == 1)
    #expect(gain.interval == nil)
  }

  @Test func `says why it is undefined`() {
    let scores: [Float] = [0.1, 0.2]
    #expect(throws: UndefinedMetric.noPositive(rows: 2)) {
      try AUCDifference(first: scores, second: scores, labels: [0, 0])
    }
    #expect(throws: UndefinedMetric.noNegative(rows: 1)) {
      try AUCDifference(first: scores, second: scores, labels: [2, 1])
    }
    #expect(throws: UndefinedMetric.noRows) {
      try AUCDifference(first: scores, second: scores, labels: [2, 2])
    }
    #expect(throws: UndefinedMetric.badScores(count: 1, rows: 2)) {
      try AUCDifference(first: [.nan, 0], second: scores, labels: [0, 1])
    }
  }
}
