internal import Matrices

/// Sums of the tasks' hidden values, weighted by a learned matrix: `output_k = Σ_j weight[k, j] input_j`.
///
/// Misra, Shrivastava, Gupta, Hebert: *Cross-stitch Networks for Multi-task Learning*, CVPR 2016,
/// equation 1, with a weight for each two tasks and layer.
struct CrossStitch: Layer {
  let index: Int
  /// `[rows, width]` of each task.
  let inputs: [Activation]
  /// `[rows, width]` of each task.
  let outputs: [Activation]
  /// For each output a parameter `[1, taskCount]`.
  let weightIndices: [Int]

  func forward(in workspace: Workspace, weights: DenseWeights) {
    for (output, parameter) in zip(outputs, weightIndices) {
      let weight = weights.matrix([parameter])
      let sum = workspace.values(output)
      for (column, input) in inputs.enumerated() {
        sum.add(workspace.values(input), times: weight[0, column], accumulating: column > 0)
      }
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    // Blocks of inputs that an output of this layer has handed slopes to.
    var written = inputs.map { _ in Set<Int>() }
    for (output, parameter) in zip(outputs, weightIndices) {
      let weight = weights.matrix([parameter])
      for block in workspace.blocks(of: output) {
        let slopes = workspace.slopes(output, block: block)
        let gradient = workspace.gradient([parameter], block: block)
        for (column, input) in inputs.enumerated() {
          guard let target = workspace.block(of: input, from: output, block: block) else {
            // The one task behind this output is absent from a pass that stacks the inputs' slopes.
            continue
          }
          let isFirst = written[column].insert(target).inserted
          let slope = slopes.propagate(
            toPart: workspace.slopes(input, block: target),
            scale: workspace.sharedWeight(from: output, to: input) ?? 1,
            withValues: workspace.values(input), times: weight[0, column],
            accumulating: !isFirst
              || !workspace.writesFirst(input: column, block: target, layer: index))
          let before = workspace.accumulatesGradients ? gradient[0, column] : 0
          gradient[0, column] = before + slope
        }
      }
    }
  }
}

extension NetworkBuilder {
  /// A bottom for each task, whose layers read sums of what all tasks' layers before computed.
  ///
  /// The sums' weights start at 0.9 for a task's own values and share 0.1 among the others (Misra et
  /// al., section 5.1). All bottoms read the same embeddings.
  mutating func crossStitch(_ tasks: [String], _ settings: NetworkSettings) -> [Activation] {
    let input = input()
    var current = tasks.map { _ in input }
    for (level, width) in settings.bottom.enumerated() {
      let layers = modulatedDense(
        zip(tasks, current).map { task, input in
          Branch(
            name: "bottom_\(task)/\(level)", input: input, width: width,
            function: settings.activation)
        }, dropout: settings.dropout)
      let isLast = level == settings.bottom.count - 1
      current = stitched(
        layers, names: tasks.map { isLast ? "\($0)/stitch" : "bottom_\($0)/stitch\(level)" })
    }
    return zip(tasks, current).map { tower($0, from: $1, settings) }
  }
}
