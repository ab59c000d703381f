internal import Matrices

/// Fully connected layers that read the same input, computed by one product.
///
/// `output = function(input · weightsᵀ + bias)`, then dropout in training. The heads' outputs lie side
/// by side, and so do the rows of their weights.
struct Dense: Layer {
  /// One of the layers.
  struct Head: Sendable {
    let output: Activation
    let weight: Int
    /// Nil for a linear layer without one.
    let bias: Int?
    let function: ActivationFunction
  }

  let index: Int
  let input: Activation
  let heads: [Head]
  /// All heads' outputs as one.
  let output: Activation
  /// Where values before GELU and swish are kept, as wide as ``output``; nil if no head needs it.
  let beforeFunction: Activation?
  let dropout: Float
  /// The heads' weights, neighbours in the parameter vector.
  let weightIndices: [Int]
  /// A later layer has the same weights: it gets them ready, and on the way back it comes first.
  var sharesWeights = false

  let inputs: [Activation]
  let outputs: [Activation]
  var multiplyAdds: Int { input.width * output.width }

  init(
    index: Int, input: Activation, heads: [Head], output: Activation, beforeFunction: Activation?,
    dropout: Float
  ) {
    self.index = index
    self.input = input
    self.heads = heads
    self.output = output
    self.beforeFunction = beforeFunction
    self.dropout = dropout
    weightIndices = heads.map(\.weight)
    inputs = [input]
    outputs = heads.map(\.output)
  }

  func prepare(weights: DenseWeights) {
    guard !sharesWeights else { return }
    weights.transposedMatrix(weightIndices).copyTransposed(weights.matrix(weightIndices))
  }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    let product = workspace.values(beforeFunction ?? output)
    multiply(
      workspace.values(input), .asStored, weights.transposedMatrix(weightIndices), .asStored,
      into: product)
    for head in heads {
      let values = workspace.values(head.output)
      let sums =
        beforeFunction.map { workspace.values($0, under: head.output, of: output) } ?? values
      if let bias = head.bias.map({ weights.matrix([$0]) }) {
        switch head.function {
        case .linear: sums.addBias(bias)
        case .relu: sums.addBiasReLU(bias)
        case .gelu: sums.addBiasGELU(bias, into: values)
        case .swish: sums.addBiasSwish(bias, into: values)
        }
      }
      if beforeFunction != nil, !head.function.keepsInput { values.copy(sums) }
      if let key = dropoutKey(of: head, in: workspace), head.function != .linear {
        values.applyDropout(rate: dropout, key: key, firstRow: workspace.firstRow)
      }
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    let values = workspace.values(input)
    let accumulates = workspace.accumulatesGradients || sharesWeights
    for block in workspace.blocks(of: output) {
      for head in heads {
        let slopes = workspace.slopes(head.output, block: block)
        multiplyFunctionSlope(slopes, of: head, in: workspace)
        if let bias = head.bias {
          slopes.sumColumns(
            into: workspace.gradient([bias], block: block), accumulating: accumulates)
        }
      }
      multiply(
        workspace.slopes(output, block: block), .transposed, values, .asStored,
        into: workspace.gradient(weightIndices, block: block), accumulating: accumulates)
    }
    if workspace.sharedWeights != nil {
      for head in heads {
        guard let weight = workspace.sharedWeight(from: head.output, to: input) else { continue }
        for block in workspace.blocks(of: head.output) {
          workspace.slopes(head.output, block: block).scale(by: weight)
        }
      }
    }
    for run in workspace.slopeRuns(from: output, to: input, layer: index) {
      multiply(
        run.from, .asStored, weights.matrix(weightIndices).columns(0..<run.to.columns), .asStored,
        into: run.to, accumulating: run.accumulates)
    }
  }

  private func multiplyFunctionSlope(_ slopes: Matrix, of head: Head, in workspace: Workspace) {
    if let key = dropoutKey(of: head, in: workspace), head.function != .linear {
      slopes.applyDropout(rate: dropout, key: key, firstRow: workspace.firstRow)
    }
    slopes.multiplySlope(
      of: head.function, output: workspace.values(head.output),
      input: beforeFunction.map { workspace.values($0, under: head.output, of: output) })
  }

  /// The key of a head's dropout in this step, another one for every head; nil where nothing is
  /// dropped.
  ///
  /// Its factor is not the one that the kernel counts rows by, else one head would drop what its
  /// neighbour drops a row further.
  private func dropoutKey(of head: Head, in workspace: Workspace) -> UInt64? {
    dropout > 0
      ? workspace.dropoutKey.map { $0 &+ UInt64(head.weight) &* 0xbf58_476d_1ce4_e5b9 } : nil
  }
}

extension Matrix {
  /// Multiplies this slope with that of a function; those that keep it have an `input`.
  func multiplySlope(of function: ActivationFunction, output: Matrix, input: Matrix?) {
    switch function {
    case .linear: break
    case .relu: multiplyReLUSlope(output: output)
    case .gelu: if let input { multiplyGELUSlope(input: input) }
    case .swish: if let input { multiplySwishSlope(input: input) }
    }
  }
}
