import Foundation
import Interactions
import Matrices
import Networks

/// The networks once more, in double precision and the plainest way, to hold the engine against.
///
/// It shares no code with the layers: it finds its numbers by the parameters' names.
struct ReferenceNetwork {
  let architecture: Architecture
  let settings: NetworkSettings
  /// Dense parameters and embedding rows by name; rows of tables are `name/row`.
  var numbers: [String: [Double]] = [:]

  init(_ architecture: Architecture, _ settings: NetworkSettings, copying weights: Weights) {
    self.architecture = architecture
    self.settings = settings
    for parameter in weights.network.parameters {
      numbers[parameter.name] = parameter.range.map { Double(weights.dense.storage[$0]) }
    }
    for table in weights.tables.joined() {
      for row in 0..<table.rowCount {
        numbers["\(table.name)/\(row)"] = (0..<table.dimension).map {
          Double(table.values[row, $0])
        }
      }
    }
  }

  /// `Σ_i w_i L_i` over the given rows, each loss a mean over its labelled rows.
  func loss(_ log: EncodedLog, rows: Range<Int>, weights: [Double]) -> Double {
    var sums = [Double](repeating: 0, count: weights.count)
    var counts = sums
    for row in rows {
      let logits = logits(log, row: row)
      for (task, logit) in logits.enumerated() where log.labels[task][row] < 2 {
        sums[task] += Foundation.log(1 + exp(log.labels[task][row] == 1 ? -logit : logit))
        counts[task] += 1
      }
    }
    return zip(weights, zip(sums, counts)).reduce(0) { total, term in
      term.1.1 > 0 ? total + term.0 * term.1.0 / term.1.1 : total
    }
  }

  func logits(_ log: EncodedLog, row: Int) -> [Double] {
    log.taskNames.map { task in
      let input = input(log, row: row, prefix: architecture == .singleTask ? "\(task)/" : "")
      let bottom: [Double] =
        switch architecture {
        case .singleTask: chain("\(task)/bottom", input, settings.bottom.count)
        case .sharedBottom: chain("bottom", input, settings.bottom.count)
        case .mmoe: mixture(task, input)
        }
      let top = chain("\(task)/tower", bottom, settings.tower.count)
      return dense("\(task)/logit", top, isLinear: true)[0]
    }
  }

  private func input(_ log: EncodedLog, row: Int, prefix: String) -> [Double] {
    var input: [Double] = []
    for (lookup, column) in zip(log.schema.lookups, log.lookups) {
      let table = log.schema.tables[lookup.table]
      var ids: [Int]
      switch column {
      case .single(let values): ids = [Int(values[row])]
      case .list(let values, let ends):
        ids = ((row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])).map { Int(values[$0]) }
      }
      var sum = [Double](repeating: 0, count: table.dimension)
      for id in ids {
        for (column, value) in (numbers["\(prefix)\(table.name)/\(id)"] ?? []).enumerated() {
          sum[column] += value
        }
      }
      input += lookup.pooling == .mean && !ids.isEmpty ? sum.map { $0 / Double(ids.count) } : sum
    }
    return input + log.numbers.map { Double($0[row]) }
  }

  private func mixture(_ task: String, _ input: [Double]) -> [Double] {
    let gate = dense("\(task)/gate", input, isLinear: true).map { exp($0) }
    let total = gate.reduce(0, +)
    var mixed = [Double](repeating: 0, count: settings.expert.last ?? 0)
    for expert in 0..<settings.experts {
      for (column, value) in chain("expert\(expert)", input, settings.expert.count).enumerated() {
        mixed[column] += gate[expert] / total * value
      }
    }
    return mixed
  }

  private func chain(_ name: String, _ input: [Double], _ levels: Int) -> [Double] {
    (0..<levels).reduce(input) { dense("\(name)/\($1)", $0, isLinear: false) }
  }

  private func dense(_ name: String, _ input: [Double], isLinear: Bool) -> [Double] {
    let weight = numbers["\(name)/weight"] ?? []
    return (numbers["\(name)/bias"] ?? []).enumerated().map { output, bias in
      var sum = bias
      for (index, value) in input.enumerated() {
        sum += weight[output * input.count + index] * value
      }
      if isLinear { return sum }
      switch settings.activation {
      case .linear: return sum
      case .relu: return max(0, sum)
      case .gelu:
        return 0.5 * sum
          * (1 + tanh((2 / Double.pi).squareRoot() * (sum + 0.044715 * sum * sum * sum)))
      }
    }
  }
}
