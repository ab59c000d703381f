internal import Randomness

/// Keeps, at random, either the positive or the negative gradients of each parameter.
///
/// The purity of an element is `p = ½ (1 + Σ_i g_i / Σ_i |g_i|)`, ½ where all gradients are zero. One
/// number `u`, drawn evenly from `0...1` without its ends and shared by the tasks, keeps the positive
/// ones if `p > u` and the negative ones if `p < u`; of a gradient that is dropped the leak `ℓ_i g_i`
/// stays. The step is the sum of what is left.
///
/// Departure: the signs are those of the parameters' gradients, as other libraries have it; the paper
/// drops gradients of a shared activation, times the activation's sign.
///
/// - Note: Draws depend on the seed, the step, the block and the element alone, so that equal seeds give
///   equal runs with any number of workers.
///
/// Chen, Ngiam, Huang, Luong, Kretzschmar, Chai, Anguelov: *Just Pick a Sign: Optimizing Deep Multitask
/// Models with Gradient Sign Dropout*, NeurIPS 2020, Algorithm 1; no leak as there.
/// <https://arxiv.org/abs/2010.06808>
public struct GradDrop: ElementwiseCombiner {
  /// What stays of a dropped gradient, `ℓ`, `[taskCount]`.
  public let leaks: [Double]
  private let floatLeaks: [Float]
  private let seed: UInt64
  /// Steps with a present task.
  private var steps = 0

  /// Creates the rule; `leaks` has a number in `0...1` for each task, `seed` fixes the draws.
  public init(leaks: [Double], seed: UInt64) throws(CombinerError) {
    for leak in leaks {
      try CombinerError.check(leak, named: .leak, "a number in 0...1") { $0 >= 0 && $0 <= 1 }
    }
    self.leaks = leaks
    floatLeaks = leaks.map(Float.init)
    self.seed = seed
  }

  public mutating func begin(_ step: ElementwiseStep) {
    if !step.losses.present.isEmpty { steps += 1 }
  }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {}

  public func combine(
    _ gradients: Span<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    into combined: inout MutableSpan<Float>
  ) {
    var generator = SplitMix64.derived(from: seed, for: UInt64(steps), UInt64(place.block))
    let key = generator.next()
    let rows = place.tasks.count
    for element in 0..<place.count {
      var sum: Float = 0
      var size: Float = 0
      for row in 0..<rows {
        let slope = gradients[row * place.stride + element]
        sum += slope
        size += abs(slope)
      }
      let purity = GradDrop.purity(sum: sum, size: size)
      let draw = GradDrop.draw(key, element: place.firstElement + element)
      var left: Float = 0
      for row in 0..<rows {
        let slope = gradients[row * place.stride + element]
        let isKept = slope > 0 ? purity > draw : purity < draw
        left += isKept ? slope : floatLeaks[place.tasks[row]] * slope
      }
      combined[element] = left
    }
  }

  /// `½ (1 + sum / size)`, the share of positive gradients by size.
  @inline(__always)
  package static func purity(sum: Float, size: Float) -> Float {
    size > 0 ? 0.5 * (1 + sum / size) : 0.5
  }

  /// The element's number above 0 and below 1: the middle of one of 2²³ equal parts.
  @inline(__always)
  private static func draw(_ key: UInt64, element: Int) -> Float {
    let bits = SplitMix64.mixed(key &+ UInt64(element) &* SplitMix64.increment)
    return (Float(bits >> 41) + 0.5) * 0x1p-23
  }
}

extension GradDrop: NamedCombiner {
  static let profile = CombinerProfile(
    title: "GradDrop", family: .elements,
    summary: "keeps the gradients of one sign, drawn anew for each parameter",
    paper: "Chen et al., NeurIPS 2020", link: "https://arxiv.org/abs/2010.06808",
    settings: [
      .byTask(
        .leak, usual: 0, from: 0,
        "What stays of a task's dropped gradient, at most 1; a task left out has 0.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      elementwise: GradDrop(leaks: request.byTask(.leak), seed: request.seed))
  }
}
