import Jobs
import Testing

/// Training with the mean weights of another run.
struct WeightsOfTests {
  @Test(.timeLimit(.minutes(10)))
  func `those of losses become fixed, those of other gradients are refused`() throws {
    let shop = try Shop("weights_of", impressions: 300)
    func report(_ kind: String) throws -> String {
      try shop.train(
        shop.configuration("combiner.kind=\(kind)", "training.epochs=1", "output.name=\(kind)")
      ).model
    }
    let messages = Messages()
    var job = TrainJob(configuration: try shop.configuration("output.name=fixed"))
    job.weightsOf = try report("uncertainty")
    _ = try job.run(messages.context)
    #expect(messages.all.contains { $0.contains("static weights of ") && $0.contains("click ") })
    job.weightsOf = try report("db_mtl")
    let error = #expect(throws: JobError.self) { try job.run(messages.context) }
    #expect(error?.description.contains("gradients of losses' logarithms") == true)
  }
}
