internal import CKernels
internal import Combiners
internal import Matrices
internal import Networks
internal import Optimizers

/// The dense parameters' gradients, summed over the workers.
///
/// Each parameter has a stack of rows, one for each present task that reaches it, two where halves of
/// the batch are told apart, or a single one of the sum. The parameters are cut into pieces that are
/// dealt out to the workers.
final class DenseGradient: Sendable {
  /// A stretch of one parameter, in elements of the flat vector.
  struct Piece: Sendable {
    let parameter: Int
    let range: Range<Int>
  }

  let network: Network
  let pieces: [Piece]
  /// Where each parameter's stack begins.
  private let stackOffsets: [Int]
  private let storage: FloatStorage

  /// Makes room for so many rows a task, or for a single row where `rowsPerTask` is nil.
  init(network: Network, rowsPerTask: Int?, pieceLength: Int = 8_192) {
    self.network = network
    var offset = 0
    stackOffsets = network.parameters.map { parameter in
      defer {
        offset += parameter.count * max(rowsPerTask.map { $0 * parameter.tasks.count } ?? 1, 1)
      }
      return offset
    }
    storage = FloatStorage(count: offset)
    pieces = network.parameters.enumerated().flatMap { index, parameter in
      stride(from: parameter.offset, to: parameter.range.upperBound, by: pieceLength).map {
        Piece(
          parameter: index, range: $0..<min($0 + pieceLength, parameter.range.upperBound))
      }
    }
  }

  /// Adds up the workers' gradients of one piece in the given blocks of their workspaces.
  func reduce(_ piece: Piece, blocks: [Int], from workspaces: [Workspace]) {
    for (row, block) in blocks.enumerated() {
      let sum = unsafe stack(piece, row: row)
      for (worker, workspace) in workspaces.enumerated() {
        let part = unsafe workspace.gradient(block: block).storage.pointer(
          at: piece.range.lowerBound, count: piece.range.count)
        if worker == 0 {
          unsafe sum.update(from: part, count: piece.range.count)
        } else {
          unsafe kernel_add_scaled(sum, part, 1, piece.range.count)
        }
      }
    }
  }

  /// Adds the inner products of a piece's rows to `products`, `[rows, rows]`.
  func addProducts(_ piece: Piece, rows: Int, to products: inout [Double]) {
    unsafe products.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      unsafe kernel_gramian(
        stack(piece, row: 0), stackStride(piece), rows, piece.range.count, base)
    }
  }

  /// Replaces the first row of a piece by the weighted sum of its rows.
  func combine(_ piece: Piece, weights: [Float]) {
    unsafe weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      let rows = unsafe stack(piece, row: 0)
      unsafe kernel_combine(
        rows, stackStride(piece), weights.count, base, rows, piece.range.count)
    }
  }

  /// Replaces the first row of a piece by what `combiner` makes of its rows.
  func combine(
    _ piece: Piece, tasks: [Int], by combiner: any ElementwiseCombiner, block: Int,
    state: ElementState?
  ) {
    let stride = stackStride(piece)
    let place = stretch(piece, tasks: tasks, block: block)
    let base = unsafe stack(piece, row: 0)
    // The rule may read any row while it writes, so its answer replaces the first
    // row only when it is whole.
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: piece.range.count) { buffer in
      unsafe buffer.initialize(repeating: 0)
      let gradients = unsafe Span(
        _unsafeStart: base, count: (tasks.count - 1) * stride + piece.range.count)
      var combined = unsafe buffer.mutableSpan
      let numbers = unsafe self.state(of: piece, state)
      var kept = unsafe MutableSpan(_unsafeStart: numbers.start, count: numbers.count)
      combiner.combine(gradients, state: &kept, at: place, into: &combined)
      if let start = buffer.baseAddress {
        unsafe base.update(from: start, count: piece.range.count)
      }
    }
  }

  /// Lets `combiner` see and change a piece's rows, and add to `sums`.
  func absorb(
    _ piece: Piece, tasks: [Int], by combiner: any ElementwiseCombiner, block: Int,
    state: ElementState?, sums: inout [Double]
  ) {
    let length = (tasks.count - 1) * stackStride(piece) + piece.range.count
    var gradients = unsafe MutableSpan(_unsafeStart: stack(piece, row: 0), count: length)
    let numbers = unsafe self.state(of: piece, state)
    var kept = unsafe MutableSpan(_unsafeStart: numbers.start, count: numbers.count)
    combiner.absorb(
      &gradients, state: &kept, at: stretch(piece, tasks: tasks, block: block), sums: &sums)
  }

  private func stretch(_ piece: Piece, tasks: [Int], block: Int) -> Stretch {
    Stretch(
      block: block, tasks: tasks, count: piece.range.count,
      firstElement: piece.range.lowerBound - network.parameters[piece.parameter].offset,
      stride: stackStride(piece), stateStride: stackStride(piece))
  }

  /// The numbers kept for a piece, from its first element on; none where nothing is kept.
  private func state(
    of piece: Piece, _ state: ElementState?
  ) -> (start: UnsafeMutablePointer<Float>, count: Int) {
    guard let state else { return unsafe (stack(piece, row: 0), 0) }
    let first = piece.range.lowerBound - network.parameters[piece.parameter].offset
    let length = (state.rowCount - 1) * stackStride(piece) + piece.range.count
    return unsafe (state.pointer(toParameter: piece.parameter, at: first), length)
  }

  /// Updates a piece of the parameters by the first row of its stack.
  func apply(_ update: ParameterUpdate, to piece: Piece, of weights: Weights, scale: Float) {
    let parameter = network.parameters[piece.parameter]
    let moments = weights.denseMoments
    let values = unsafe weights.dense.storage.pointer(
      at: piece.range.lowerBound, count: piece.range.count)
    let first = unsafe moments.first.map { unsafe $0.pointer(at: piece.range.lowerBound, count: 0) }
    let second = unsafe moments.last.map { unsafe $0.pointer(at: piece.range.lowerBound, count: 0) }
    unsafe (parameter.isBias ? update.withoutDecay : update).apply(
      to: values, moments: (first ?? values, second ?? values), gradient: stack(piece, row: 0),
      scale: scale, count: piece.range.count)
  }

  private func stackStride(_ piece: Piece) -> Int { network.parameters[piece.parameter].count }

  private func stack(_ piece: Piece, row: Int) -> UnsafeMutablePointer<Float> {
    let parameter = network.parameters[piece.parameter]
    return unsafe storage.pointer(
      at: stackOffsets[piece.parameter] + row * parameter.count
        + piece.range.lowerBound - parameter.offset,
      count: piece.range.count)
  }
}
