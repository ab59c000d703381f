internal import Interactions
internal import Networks

extension ReferenceNetwork {
  /// What the network reads of an input row, after its feature interactions.
  func interacting(_ input: [Double], _ prefix: String, _ schema: InputSchema) -> [Double] {
    guard !settings.interactions.isEmpty else { return input }
    var column = 0
    let fields = schema.lookups.map { lookup in
      let dimension = schema.tables[lookup.table].dimension
      defer { column += dimension }
      return Array(input[column..<column + dimension])
    }
    let rest = Array(input[column...])
    let outputs = settings.interactions.map { block -> [Double] in
      switch block {
      case .fm: summedPairs(fields)
      case .dcn(let cross): crossed(input, "\(prefix)dcn", cross)
      case .senet: reweighted(fields, "\(prefix)senet").flatMap(\.self)
      case .fibinet(let settings):
        bilinear(fields, "\(prefix)fibinet/bilinear", settings.bilinear)
          + bilinear(
            reweighted(fields, "\(prefix)fibinet/senet"), "\(prefix)fibinet/senet/bilinear",
            settings.bilinear)
      case .masknet(let settings): masked(fields, rest, "\(prefix)masknet", settings)
      }
    }
    let carriesInput = settings.interactions.contains { [.dcn, .masknet].contains($0.kind) }
    return (carriesInput ? [] : input) + outputs.flatMap(\.self)
  }

  /// The positions of the fields of each dimension that two or more have.
  private func groups(_ fields: [[Double]]) -> [[Int]] {
    var seen: [Int] = []
    for field in fields where !seen.contains(field.count) { seen.append(field.count) }
    return seen.map { width in fields.indices.filter { fields[$0].count == width } }
      .filter { $0.count > 1 }
  }

  private func summedPairs(_ fields: [[Double]]) -> [Double] {
    groups(fields).flatMap { group in
      var sum = [Double](repeating: 0, count: fields[group[0]].count)
      for (position, first) in group.enumerated() {
        for second in group[(position + 1)...] {
          for index in sum.indices { sum[index] += fields[first][index] * fields[second][index] }
        }
      }
      return sum
    }
  }

  private func crossed(_ input: [Double], _ name: String, _ settings: CrossNetwork) -> [Double] {
    (0..<settings.layers).reduce(input) { current, level in
      let sums =
        settings.rank == nil
        ? dense("\(name)/\(level)", current, .linear)
        : dense(
          "\(name)/\(level)/up", product("\(name)/\(level)/down/weight", current), .linear)
      return input.indices.map { input[$0] * sums[$0] + current[$0] }
    }
  }

  private func reweighted(_ fields: [[Double]], _ name: String) -> [[Double]] {
    let means = fields.map { $0.reduce(0, +) / Double($0.count) }
    let shares = dense("\(name)/excite", dense("\(name)/squeeze", means, .relu), .relu)
    return zip(fields, shares).map { field, share in field.map { $0 * share } }
  }

  private func bilinear(
    _ fields: [[Double]], _ name: String, _ weights: FiBiNET.Bilinear
  ) -> [Double] {
    groups(fields).flatMap { group in
      let name = "\(name)\(fields[group[0]].count)"
      var products: [Double] = []
      for (position, first) in group.enumerated() {
        for (other, second) in group.enumerated() where other > position {
          let weight =
            switch weights {
            case .all: name
            case .each: "\(name)/\(position)"
            case .interaction: "\(name)/\(position)_\(other)"
            }
          products += zip(product("\(weight)/weight", fields[first]), fields[second])
            .map { $0 * $1 }
        }
      }
      return products
    }
  }

  private func masked(
    _ fields: [[Double]], _ rest: [Double], _ name: String, _ settings: MaskNet
  ) -> [Double] {
    let input = fields.flatMap(\.self) + rest
    // Single numbers are scaled and shifted, but not normalised.
    let normal = shifted(
      (fields.map { $0.count > 1 ? standardised($0) : $0 } + [rest]).flatMap(\.self), "\(name)/norm"
    )
    var current = normal
    var outputs: [Double] = []
    for block in 0..<settings.blocks {
      let name = "\(name)/\(block)"
      let mask = dense("\(name)/mask", dense("\(name)/aggregation", input, .relu), .linear)
      let source = settings.arrangement == .parallel ? normal : current
      let hidden = product("\(name)/weight", zip(mask, source).map { $0 * $1 })
      current = shifted(standardised(hidden), "\(name)/norm").map { max(0, $0) }
      outputs += current
    }
    return settings.arrangement == .parallel ? outputs : current
  }

  func standardised(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
  }

  /// A normalisation's scales and shifts.
  func shifted(_ values: [Double], _ name: String) -> [Double] {
    let gain = numbers["\(name)/gain"] ?? []
    let bias = numbers["\(name)/bias"] ?? []
    return values.indices.map { values[$0] * (1 + gain[$0]) + bias[$0] }
  }

  /// A matrix, outputs by inputs, times a vector.
  private func product(_ name: String, _ input: [Double]) -> [Double] {
    let weight = numbers[name] ?? []
    return stride(from: 0, to: weight.count, by: input.count).map { first in
      input.indices.reduce(0) { $0 + weight[first + $1] * input[$1] }
    }
  }
}
