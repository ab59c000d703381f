extension NetworkBuilder {
  /// Shared embeddings and each task's own, experts over each of them, and gates that read the other
  /// tasks' experts without training them.
  ///
  /// A task's gate reads the task's own embeddings and mixes its own experts, the shared ones and the
  /// other tasks'. The loss of a task goes back to the first two alone, so no task's embeddings are
  /// pulled by another's.
  ///
  /// Su, Pan, Wang, Liu, et al.: *STEM: Unleashing the Power of Embeddings for Multi-task
  /// Recommendation*, AAAI 2024, section 4 (all forward, task-specific backward gates).
  mutating func stem(_ tasks: [String], _ settings: NetworkSettings) -> [Activation] {
    let shared = tasks.count
    let inputs = tasks.map { input(of: $0) } + [input()]
    let groups = inputs.enumerated().map { index, input in
      index == shared
        ? ExpertGroup(name: "", count: settings.experts, input: input)
        : ExpertGroup(name: "\(tasks[index])/", count: settings.taskExperts, input: input)
    }
    let gates = tasks.indices.map { task in
      Gate(
        name: "\(tasks[task])/gate", groups: [task, shared],
        detached: tasks.indices.filter { $0 != task }, input: inputs[task], tasks: [task])
    }
    return zip(tasks, experts(groups, gates: gates, settings)).map {
      tower($0, from: $1, settings)
    }
  }
}
