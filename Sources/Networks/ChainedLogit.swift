internal import Glibc
internal import Matrices

/// The logit of a product of probabilities, from their logits, row by row.
///
/// For two, `logit(σ(a) σ(b)) = −log(e^−a + e^−b + e^−(a+b))`; further ones follow one by one. With
/// `x` the result, the slope by `a` is `σ(−a) / σ(−x) = exp(log(1 + e^x) − log(1 + e^a))`, in
/// `0...1`, for any number of factors. No finite logit overflows, and nothing is lost to a
/// subtraction from 1 where the product is almost 1. Computed in double precision.
struct ChainedLogit: Layer {
  let index: Int
  /// `[rows, 1]` each.
  let inputs: [Activation]
  /// `[rows, 1]`.
  let output: Activation

  var outputs: [Activation] { [output] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(output).copy(workspace.values(inputs[0]))
    for input in inputs.dropFirst() {
      workspace.values(output).withMutableColumn { product in
        workspace.values(input).withColumn { factor in
          for row in product.indices {
            product[row] = Float(Self.product(Double(product[row]), Double(factor[row])))
          }
        }
      }
    }
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.blocks(of: output) {
      let slopes = workspace.slopes(output, block: block)
      for (position, input) in inputs.enumerated() {
        guard
          let way = workspace.handover(
            from: output, block: block, toInput: position, ofLayer: index)
        else { continue }
        way.add { target in
          withColumns(slopes, workspace.values(output), workspace.values(input)) {
            slopes, product, factor in
            for row in slopes.indices {
              let share = Self.slope(Double(product[row]), by: Double(factor[row]))
              target[row] += way.scale * slopes[row] * Float(share)
            }
          }
        }
      }
    }
  }

  /// `logit(σ(first) σ(second))`.
  static func product(_ first: Double, _ second: Double) -> Double {
    let both = first + second
    let least = min(first, second, both)
    return least - log(exp(least - first) + exp(least - second) + exp(least - both))
  }

  /// The derivative of a product's logit by that of one of its factors.
  static func slope(_ product: Double, by factor: Double) -> Double {
    exp(softplus(product) - softplus(factor))
  }
}

extension NetworkBuilder {
  /// The logit of the product of the probabilities whose logits are `chain`, of width 1 each.
  ///
  /// Of a single one it is a copy, which leaves the original for other layers to read.
  mutating func chainedLogit(_ chain: [Activation]) -> Activation {
    precondition(!chain.isEmpty && chain.allSatisfy { $0.width == 1 }, "a chain of logits")
    let output = activation(width: 1)
    add { ChainedLogit(index: $0, inputs: chain, output: output) }
    return output
  }
}
