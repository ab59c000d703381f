import Glibc

/// Brings the auxiliary tasks' gradients to the size of the main task's, block by block.
///
/// In every block `l` of shared parameters each task's gradient norm is averaged over the steps,
/// `m_i ← β m_i + (1 − β) ‖g_i‖`, and an auxiliary gradient becomes
/// `r g_i m_main / m_i + (1 − r) g_i`. Strategy A does so only where it shrinks the gradient,
/// B only where it enlarges it, C always. The step is the main gradient plus the auxiliary ones.
///
/// Departures: each average is corrected for its start from zero, by the steps in which its task was
/// present, so that absent tasks do not tilt the ratio; a gradient or average of zero is left as it
/// is; where the main task itself is absent, the others keep the ratios of its last steps.
///
/// He, Feng, Cheng, Liu, Caverlee: *MetaBalance: Improving Multi-Task Recommendations via Adapting
/// Gradient Magnitudes of Auxiliary Tasks*, WWW 2022, Algorithm 1; defaults r = 0.7, β = 0.9 as there.
/// <https://arxiv.org/abs/2203.06801>
public struct MetaBalance: ElementwiseCombiner {
  /// When an auxiliary gradient is changed.
  public enum Strategy: String, Codable, Sendable, CaseIterable {
    /// Where it is larger than the main one: it only shrinks.
    case a
    /// Where it is smaller: it only grows.
    case b
    /// Always.
    case c
  }

  /// The average gradient norm of one task in one block.
  private struct Average: Codable, Sendable {
    var sum = 0.0
    var steps = 0
  }

  public let main: Int
  public let strategy: Strategy
  public let relax: Double
  public let beta: Double
  private let taskCount: Int
  /// `[block][task]`.
  private var averages: [[Average]] = []
  /// The weights of this step, `[block][present task]`.
  private var weights: [[Float]] = []

  /// Creates the rule for main task number `main`; `relax` and `beta` lie in `0...1` and `0..<1`.
  public init(
    taskCount: Int, main: Int, strategy: Strategy = .c, relax: Double = 0.7, beta: Double = 0.9
  ) throws(CombinerError) {
    guard (0..<taskCount).contains(main) else {
      throw .badSetting(name: "main", value: "\(main)", expected: "one of the \(taskCount) tasks")
    }
    guard relax >= 0, relax <= 1 else {
      throw .badSetting(name: "relax", value: "\(relax)", expected: "a number in 0...1")
    }
    guard beta >= 0, beta < 1 else {
      throw .badSetting(name: "beta", value: "\(beta)", expected: "a number in 0..<1")
    }
    self.taskCount = taskCount
    self.main = main
    self.strategy = strategy
    self.relax = relax
    self.beta = beta
  }

  public mutating func prepare(for blocks: [BlockGramian]) {
    if averages.isEmpty {
      averages = blocks.map { _ in Array(repeating: Average(), count: taskCount) }
    }
    precondition(averages.count == blocks.count, "\(blocks.count) blocks after \(averages.count)")
    weights = blocks.enumerated().map { index, block in
      for (row, task) in block.tasks.enumerated() {
        averages[index][task].sum =
          beta * averages[index][task].sum + (1 - beta) * block.gramian.norm(row)
        averages[index][task].steps += 1
      }
      return block.tasks.map { Float(weight(of: $0, inBlock: index)) }
    }
  }

  public func combine(
    _ gradients: Span<Float>, stride: Int, block: Int, into combined: inout MutableSpan<Float>
  ) {
    let weights = weights[block]
    for element in 0..<combined.count {
      var sum: Float = 0
      for row in weights.indices { sum += weights[row] * gradients[row * stride + element] }
      combined[element] = sum
    }
  }

  private func weight(of task: Int, inBlock block: Int) -> Double {
    guard task != main else { return 1 }
    let mainNorm = average(of: main, inBlock: block)
    let norm = average(of: task, inBlock: block)
    guard mainNorm > 0, norm > 0 else { return 1 }
    switch strategy {
    case .a where norm <= mainNorm: return 1
    case .b where norm >= mainNorm: return 1
    default: return relax * mainNorm / norm + (1 - relax)
    }
  }

  private func average(of task: Int, inBlock block: Int) -> Double {
    let average = averages[block][task]
    return average.steps > 0 ? average.sum / (1 - pow(beta, Double(average.steps))) : 0
  }
}
