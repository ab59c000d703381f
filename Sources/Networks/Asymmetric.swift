extension NetworkBuilder {
  /// A bottom for each task on shared embeddings; a task's tower reads its own and those of some others.
  ///
  /// It reads their sum by learned weights, which start at 0.9 for its own and share 0.1 among the others.
  /// So a task with few positives learns from one with many, whose bottom it helps to train, while its own
  /// serves nobody else. `reads` has the other tasks that each one reads.
  ///
  /// Asymmetric sharing as Tang, Liu, Zhao, Gong: *Progressive Layered Extraction (PLE)*, RecSys 2020,
  /// compare it in section 3; the weighted sum is that of Misra et al., CVPR 2016, equation 1.
  mutating func asymmetric(
    _ tasks: [String], _ settings: NetworkSettings, reads: [[Int]]
  ) -> [Activation] {
    let input = input()
    // Without layers there is nothing that differs from task to task.
    let reads = settings.bottom.isEmpty ? tasks.map { _ in [] } : reads
    let bottoms = tasks.map { bottom("\($0)/bottom", from: input, settings) }
    return tasks.indices.map { task in
      let others = reads[task].map { bottoms[$0] }
      let top =
        others.isEmpty
        ? bottoms[task]
        : weightedSum(of: bottoms[task], and: others, name: "\(tasks[task])/reading")
      return tower(tasks[task], from: top, settings)
    }
  }

  /// A task's own values with those of others, each times a learned weight.
  private mutating func weightedSum(
    of own: Activation, and others: [Activation], name: String
  ) -> Activation {
    let output = activation(width: own.width)
    let weight = addParameter(
      name, rows: 1, columns: 1 + others.count,
      .values([0.9] + others.map { _ in Float(0.1) / Float(others.count) }), serves: output)
    add {
      CrossStitch(
        index: $0, inputs: [own] + others, outputs: [output], weightIndices: [weight])
    }
    return output
  }
}
