import Jobs
import Testing

/// Runs that learn nothing.
struct UntrainedTests {
  @Test(.timeLimit(.minutes(10)), arguments: [true, false])
  func `scores that are all the same are told`(isTold: Bool) throws {
    let shop = try Shop("untrained_\(isTold)", impressions: 1_000)
    let messages = Messages()
    let job = TrainJob(
      configuration: try shop.configuration(
        "features=[{number: price\(isTold ? ", lowest: 1e6, highest: 2e6" : "")}]",
        "training.batch=64"))
    _ = try job.run(messages.context)
    #expect(messages.all.contains { $0.contains("has an AUC of exactly 0.5") } == isTold)
  }
}
