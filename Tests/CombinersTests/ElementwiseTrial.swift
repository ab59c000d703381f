import Combiners

/// Runs an element-wise combiner over blocks that are cut into stretches, as a trainer does.
struct ElementwiseTrial<Rule: ElementwiseCombiner> {
  var rule: Rule
  let taskCount: Int
  /// Where the blocks are cut, none unless told.
  var cuts: [Int] = []
  /// `[block][task, number, element]`.
  private(set) var states: [[Float]] = []
  private var steps = 0

  init(_ rule: Rule, taskCount: Int, cuts: [Int] = []) {
    self.rule = rule
    self.taskCount = taskCount
    self.cuts = cuts
  }

  /// One step over a single block; losses are 1 unless given.
  mutating func step(_ jacobian: [[Float]], tasks: [Int]? = nil, losses: [Double]? = nil) throws
    -> [Float]
  {
    try step(blocks: [jacobian], tasks: tasks, losses: losses)[0]
  }

  /// One step; `blocks[b][i]` is the gradient of the `i`-th present task in block `b`.
  mutating func step(blocks: [[[Float]]], tasks: [Int]? = nil, losses: [Double]? = nil) throws
    -> [[Float]]
  {
    let tasks = tasks ?? Array(0..<taskCount)
    steps += 1
    var byTask = [Double?](repeating: nil, count: taskCount)
    for (row, task) in tasks.enumerated() { byTask[task] = losses?[row] ?? 1 }
    try rule.begin(ElementwiseStep(number: steps, losses: byTask))
    if states.isEmpty {
      states = blocks.map {
        Array(repeating: 0, count: taskCount * rule.stateCount * ($0.first?.count ?? 0))
      }
    }
    var gradients = blocks.map { $0.flatMap { $0 } }
    var sums = [Double](repeating: 0, count: taskCount)
    for (block, rows) in blocks.enumerated() where rule.absorbs {
      for place in stretches(block, count: rows[0].count, tasks: tasks) {
        var part = Array(gradients[block][place.firstElement...])
        var kept = Array(states[block].dropFirst(place.firstElement))
        var target = part.mutableSpan
        var state = kept.mutableSpan
        rule.absorb(&target, state: &state, at: place, sums: &sums)
        gradients[block].replaceSubrange(place.firstElement..., with: part)
        keep(kept, block: block, from: place.firstElement)
      }
    }
    try rule.prepare(
      for: zip(blocks, gradients).map { rows, flat in
        let count = rows[0].count
        let parts = rows.indices.map { flat[$0 * count..<($0 + 1) * count].map(Double.init) }
        return BlockGramian(gramian: Gramian(of: parts), tasks: tasks)
      }, sums: sums)
    return blocks.enumerated().map { block, rows in
      stretches(block, count: rows[0].count, tasks: tasks).flatMap { place -> [Float] in
        var combined = [Float](repeating: .nan, count: place.count)
        let part = Array(gradients[block][place.firstElement...])
        if let weights = rule.weights(ofBlock: block) {
          return combined.indices.map { element in
            weights.indices.reduce(0) { $0 + weights[$1] * part[$1 * place.stride + element] }
          }
        }
        var kept = Array(states[block].dropFirst(place.firstElement))
        var target = combined.mutableSpan
        var state = kept.mutableSpan
        rule.combine(part.span, state: &state, at: place, into: &target)
        keep(kept, block: block, from: place.firstElement)
        return combined
      }
    }
  }

  private mutating func keep(_ kept: [Float], block: Int, from first: Int) {
    guard !states[block].isEmpty else { return }
    states[block].replaceSubrange(first..., with: kept)
  }

  private func stretches(_ block: Int, count: Int, tasks: [Int]) -> [Stretch] {
    let ends = [0] + cuts.filter { $0 < count } + [count]
    return zip(ends, ends.dropFirst()).map { start, end in
      Stretch(
        block: block, tasks: tasks, count: end - start, firstElement: start, stride: count,
        stateStride: count)
    }
  }
}

extension Samples {
  /// The same numbers in single precision.
  static func floats(_ jacobian: [[Double]]) -> [[Float]] { jacobian.map { $0.map(Float.init) } }

  static func difference(_ left: [Float], _ right: [Double]) -> Double {
    difference(left.map(Double.init), right)
  }
}
