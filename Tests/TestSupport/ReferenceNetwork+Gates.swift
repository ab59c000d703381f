internal import Glibc
internal import Networks

// How gates share rows among experts, and what that costs.
extension ReferenceNetwork {
  /// The shares of gates, added up over each task's labelled rows by their weights.
  struct GateSums {
    var rows: [Double]
    var shares: [[String: [Double]]]
    var indecision: [[String: Double]]

    init(taskCount: Int) {
      rows = Array(repeating: 0, count: taskCount)
      shares = Array(repeating: [:], count: taskCount)
      indecision = Array(repeating: [:], count: taskCount)
    }

    mutating func add(
      _ gates: [String: [Double]], _ undecided: [String: Double], of task: Int, weight: Double
    ) {
      rows[task] += weight
      shares[task].merge(gates.mapValues { $0.map { weight * $0 } }) { zip($0, $1).map { $0 + $1 } }
      indecision[task].merge(undecided.mapValues { weight * $0 }, uniquingKeysWith: +)
    }

    /// A gate's part in a task's loss: all of the task's own, an equal part of those of all tasks, none
    /// of others'.
    private func part(_ gate: String, of task: Int, _ taskNames: [String]) -> Double {
      let owner = taskNames.firstIndex { "/\(gate)".contains("/\($0)/") }
      return owner == nil ? 1 / Double(taskNames.count) : owner == task ? 1 : 0
    }

    /// The sum of what the task's part of undecided gates costs.
    func indecision(of task: Int, _ taskNames: [String]) -> Double {
      indecision[task].reduce(0) { $0 + part($1.key, of: task, taskNames) * $1.value }
    }

    /// `Σ rows · (N Σ m² − 1)` over the task's own gates, and its part of those of all tasks.
    func unevenness(of task: Int, _ taskNames: [String]) -> Double {
      shares[task].reduce(0) { sum, gate in
        let squares = gate.value.reduce(0) { $0 + $1 * $1 } / (rows[task] * rows[task])
        return sum + part(gate.key, of: task, taskNames) * rows[task]
          * (Double(gate.value.count) * squares - 1)
      }
    }
  }

  func softmax(_ logits: [Double], _ temperature: Double) -> [Double] {
    let powers = logits.map { exp($0 / temperature) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  /// The shares of experts by DSelect-k, and what the selectors' indecision costs.
  func selected(
    by codes: [Double], of experts: Int, _ settings: DSelectK
  ) -> (shares: [Double], cost: Double) {
    func step(_ value: Double) -> Double {
      let t = min(max(value / settings.smoothStep, -0.5), 0.5)
      return -2 * t * t * t + 1.5 * t + 0.5
    }
    let weights = softmax(Array(codes.prefix(settings.selected)), 1)
    let bits = (codes.count - settings.selected) / settings.selected
    var shares = [Double](repeating: 0, count: experts)
    var cost = 0.0
    for selector in 0..<settings.selected {
      let steps = (0..<bits).map { step(codes[settings.selected + selector * bits + $0]) }
      let given = (0..<experts).map { expert in
        steps.indices.reduce(1) { $0 * (expert >> $1 & 1 == 1 ? steps[$1] : 1 - steps[$1]) }
      }
      for expert in 0..<experts { shares[expert] += weights[selector] * given[expert] }
      for part in given where part > 0 { cost -= settings.entropy * part * Glibc.log(part) }
      if experts != 1 << bits {
        let sum = given.reduce(0, +)
        cost += sum > 0.1 ? 1 / sum : 10 - 100 * (sum - 0.1)
      }
    }
    return (shares, cost)
  }
}
