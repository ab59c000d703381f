internal import Interactions
internal import Networks

// Tasks that train no more.
extension TrainingEngine {
  /// Lets steps leave everything alone from now on that the losses of these tasks reach.
  ///
  /// Where the engine keeps an average of the weights, that must be in their place: what is left alone
  /// stays as the average has it. What such a task reads without training it, as a STEM gate does other
  /// tasks' experts, may go on to change.
  func stop(_ tasks: [Int]) {
    let (dense, tables) = trained(by: tasks)
    kept.average?.settle(dense: dense, tables: tables)
    stoppedTasks.formUnion(tasks)
  }

  /// Whether steps leave alone what the losses of these tasks reach.
  func isStopped(reachedBy tasks: [Int]) -> Bool { tasks.contains(where: stoppedTasks.contains) }

  /// Whether anything is trained by losses of both groups of tasks.
  func share(_ tasks: [Int], with others: [Int]) -> Bool {
    let reached =
      network.parameters.map(\.tasks) + network.inputs.indices.map(network.tasks(ofInput:))
    return reached.contains { reaching in
      !isStopped(reachedBy: reaching) && reaching.contains(where: tasks.contains)
        && reaching.contains(where: others.contains)
    }
  }

  /// The dense parameters and the tables that the losses of these tasks still train.
  func trained(
    by tasks: [Int]
  ) -> (dense: [Range<Int>], tables: [(input: Int, table: Int)]) {
    func isTrained(_ reaching: [Int]) -> Bool {
      !isStopped(reachedBy: reaching) && reaching.contains(where: tasks.contains)
    }
    return (
      network.parameters.filter { isTrained($0.tasks) }.map(\.range),
      network.inputs.enumerated().filter { isTrained(network.tasks(ofInput: $0.offset)) }
        .flatMap { input, block in block.schema.tables.indices.map { (input, $0) } }
    )
  }
}
