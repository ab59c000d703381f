/// Takes the shortest weighted mean of the gradients with a least weight for every task.
///
/// In two steps, as the paper has it: the weights that sum to 1 and make `‖Σ_i w_i g_i‖` least are found
/// without regard to their signs; then they are moved to the nearest weights that sum to 1 and lie at
/// their bounds or above. The first step solves `[[G, 1], [1ᵀ, 0]] [w, λ] = [0, 1]`; where dependent
/// gradients leave a choice, the smallest weights of unit gradients are taken.
///
/// Departure: a task with a gradient of zero is left out of both steps and weighs 0; the bounds of
/// absent tasks do not count.
///
/// - Complexity: O(taskCount³) time, O(taskCount²) memory.
///
/// Lin, Chen, Pei, Sun, Xiao, Sun, Zhang, Ou, Jiang: *A Pareto-Efficient Algorithm for Multiple
/// Objective Optimization in E-Commerce Recommendation*, RecSys 2019, section 3.2, equations 6 to 9.
/// <https://doi.org/10.1145/3298689.3346998> Its bounds are the user's choice; 0 is none.
public struct PELTR: GradientCombiner {
  /// The least weight of each task, `[taskCount]`.
  public let lowest: [Double]

  /// Creates the rule from bounds that are not negative and sum to less than 1.
  public init(lowest: [Double]) throws(CombinerError) {
    let isUsable = lowest.allSatisfy { $0 >= 0 && $0.isFinite } && lowest.reduce(0, +) < 1
    guard isUsable else {
      throw .badSetting(
        name: CombinerSetting.lowest.rawValue, value: "\(lowest)",
        expected: "a list of numbers ≥ 0 with a sum < 1")
    }
    self.lowest = lowest
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let moving = step.gramian.movingTasks()
    return step.gramian.weighing { unit in
      projectedOnSimplex(
        PELTR.relaxed(unit), lowest: moving.map { lowest[step.tasks[$0]] })
    }
  }

  /// The weights of the shortest combination whose weights sum to 1, of any sign.
  private static func relaxed(_ gramian: UnitGramian) -> [Double] {
    let least = gramian.norms.min() ?? 1
    // Weights of unit gradients count for 1/n in the sum that is to be 1.
    let shares = gramian.norms.map { least / $0 }
    let eigen = SymmetricEigen(gramian.cosines, count: gramian.count)
    let inRange = eigen.applying({ _ in 1 }, to: shares)
    let still = zip(shares, inRange).map { $0 - $1 }
    // Where some combination is zero, the shortest is a zero one.
    let found = still.dot(still) > 1e-12 ? still : eigen.applying({ 1 / $0 }, to: shares)
    let weights = zip(found, shares).map { $0 * $1 }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}

extension PELTR: NamedCombiner {
  static let profile = CombinerProfile(
    title: "PE-LTR", family: .gradients,
    summary: "takes the shortest weighted mean of the gradients with a least weight for each",
    paper: "Lin et al., RecSys 2019", link: "https://doi.org/10.1145/3298689.3346998",
    settings: [
      .byTask(
        .lowest, usual: 0, from: 0,
        "Least weights of the tasks, with a sum below 1; a task left out has 0.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(PELTR(lowest: request.byTask(.lowest)))
  }
}
