import Glibc

/// Adam for one number a task; a task without a slope in a step keeps its moments.
///
/// β₁ = 0.9, β₂ = 0.999 and ε = 1e-8 as in the paper, whose bias correction counts the steps in which
/// the task was there.
///
/// Kingma, Ba: *Adam: A Method for Stochastic Optimization*, ICLR 2015, Algorithm 1.
/// <https://arxiv.org/abs/1412.6980>
struct TaskAdam: Codable, Sendable {
  let learningRate: Double
  /// `[taskCount]`.
  private var first: [Double]
  private var second: [Double]
  private var steps: [Int]

  init(taskCount: Int, learningRate: Double) {
    self.learningRate = learningRate
    first = Array(repeating: 0, count: taskCount)
    second = first
    steps = Array(repeating: 0, count: taskCount)
  }

  /// What to add to a task's number, whose loss has this slope.
  mutating func change(of task: Int, slope: Double) -> Double {
    steps[task] += 1
    first[task] = 0.9 * first[task] + 0.1 * slope
    second[task] = 0.999 * second[task] + 0.001 * slope * slope
    let mean = first[task] / (1 - pow(0.9, Double(steps[task])))
    let square = second[task] / (1 - pow(0.999, Double(steps[task])))
    return -learningRate * mean / (square.squareRoot() + 1e-8)
  }
}
