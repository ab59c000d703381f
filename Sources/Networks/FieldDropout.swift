internal import Matrices

/// An input some of whose embeddings training takes out of a row.
///
/// Each field, the embedding of one id or the pooled one of a list, becomes zeros with probability `rate`
/// as a whole, and is divided by `1 − rate` otherwise; numbers stay. So no row can rely on a single id.
/// Which fields a row loses depends on the step, the row and the input alone, so that shared and task-own
/// inputs lose theirs by themselves. In scoring it changes nothing.
///
/// Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: *Dropout: A Simple Way to Prevent Neural
/// Networks from Overfitting*, JMLR 2014, section 10 (the form scaled while training). Departure: whole
/// embeddings instead of single values.
struct FieldDropout: Layer {
  let index: Int
  /// `[rows, width]`, the fields in its leading columns.
  let input: Activation
  let widths: [Int]
  /// Above 0, below 1.
  let rate: Float
  /// `[rows, width]`.
  let output: Activation

  var inputs: [Activation] { [input] }
  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    drop(
      from: workspace.values(input), to: workspace.values(output), scale: 1, accumulating: false,
      in: workspace)
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for path in workspace.slopePaths(from: output, toInput: 0, layer: index) {
      drop(
        from: path.from.columns(0..<path.to.columns), to: path.to, scale: path.scale,
        accumulating: path.accumulates, in: workspace)
    }
  }

  private func drop(
    from values: Matrix, to result: Matrix, scale: Float, accumulating: Bool,
    in workspace: Workspace
  ) {
    // Not the factors that other dropout and the kernel count by.
    let key = workspace.dropoutKey.map { $0 &+ UInt64(index + 1) &* 0xd6e8_feb8_6659_fd93 }
    result.setFieldsDropped(
      of: values, widths: widths, rate: key == nil ? 0 : rate, key: key ?? 0,
      firstRow: workspace.firstRow, scale: scale, accumulating: accumulating)
  }
}

extension NetworkBuilder {
  /// `input` after dropout of its fields; itself where `rate` is 0 or there are none.
  mutating func dropped(_ input: Activation, widths: [Int], rate: Double) -> Activation {
    guard rate > 0, !widths.isEmpty else { return input }
    let output = activation(width: input.width)
    add {
      FieldDropout(
        index: $0, input: input, widths: widths, rate: Float(rate), output: output)
    }
    return output
  }
}
