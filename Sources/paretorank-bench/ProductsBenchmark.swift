import Matrices
import Randomness

/// The products of the reference network on one thread, each as the engine calls it, beside oneDNN
/// alone.
///
/// “Alone” is the same shape from dense matrices without padding, in whichever of the four
/// orientations of the factors is fastest, written and not added. A micro-batch has 128 rows; where
/// slopes of three tasks are stacked, they are 384.
struct ProductsBenchmark {
  let isQuick: Bool

  /// A product as the engine calls it.
  private struct Call {
    let name: String
    let left: Matrix
    let leftOrientation: Orientation
    let right: Matrix
    let rightOrientation: Orientation
    let result: Matrix
    let accumulates: Bool

    init(
      _ name: String, _ left: Matrix, _ leftOrientation: Orientation, _ right: Matrix,
      _ rightOrientation: Orientation, into result: Matrix, accumulating: Bool = false
    ) {
      self.name = name
      self.left = left
      self.leftOrientation = leftOrientation
      self.right = right
      self.rightOrientation = rightOrientation
      self.result = result
      accumulates = accumulating
    }

    var rows: Int { result.rows }
    var columns: Int { result.columns }
    var inner: Int { leftOrientation == .asStored ? left.columns : left.rows }
    var operations: Double { 2 * Double(rows) * Double(columns) * Double(inner) }

    func run() {
      multiply(
        left, leftOrientation, right, rightOrientation, into: result, accumulating: accumulates)
    }

    /// The same shape from dense matrices.
    func plain(_ leftOrientation: Orientation, _ rightOrientation: Orientation) -> Call {
      Call(
        name, leftOrientation == .asStored ? dense(rows, inner) : dense(inner, rows),
        leftOrientation,
        rightOrientation == .asStored ? dense(inner, columns) : dense(columns, inner),
        rightOrientation, into: dense(rows, columns))
    }
  }

  func run(_ report: inout Report) throws {
    useOneThreadPerProduct()
    for call in layer("first layer", inputs: 264, outputs: 1_036, slopes: 256, stride: nil)
      + layer("second layer", inputs: 256, outputs: 128, slopes: 256, stride: 1_040)
      + layer("tower", inputs: 128, outputs: 64, slopes: 128, stride: nil)
    {
      try measure(call, &report)
    }
  }

  private func measure(_ call: Call, _ report: inout Report) throws {
    // About 2 ms a round: shorter than what the system gives a process at a time.
    let repeats = max(1, Int(1e8 / call.operations))
    func rate(_ call: Call) -> () -> Double {
      {
        Rounds.rate {
          for _ in 0..<repeats { call.run() }
          return Double(repeats) * call.operations / 1e9
        }
      }
    }
    let orientations: [Orientation] = [.asStored, .transposed]
    let plain = orientations.flatMap { left in orientations.map { call.plain(left, $0) } }
    let rounds = try Rounds.inTurns(isQuick ? 21 : 101, ([call] + plain).map(rate))
    let alone = rounds.dropFirst().max { $0.best < $1.best } ?? rounds[0]
    let name = "\(call.name) \(call.rows)x\(call.inner)x\(call.columns)"
    report.add(.products, name, "GFLOP/s", rounds[0])
    report.add(.products, "\(name), oneDNN alone", "GFLOP/s", alone)
    report.addRatio(.products, "\(name), share", rounds[0], to: alone)
  }

  /// A layer's products: forward, back to the weights, back to the inputs for one task and three.
  ///
  /// `slopes` are the leading inputs that need slopes; `stride` is that of the inputs' buffer.
  private func layer(
    _ name: String, inputs: Int, outputs: Int, slopes: Int, stride: Int?
  ) -> [Call] {
    let micro = 128
    let values = filled(micro, inputs, stride)
    let weights = dense(outputs, inputs)
    func toInputs(tasks: Int) -> Call {
      Call(
        "\(name) to inputs, \(tasks) stacked", filled(tasks * micro, outputs, nil), .asStored,
        weights.columns(0..<slopes), .asStored, into: filled(tasks * micro, slopes, stride))
    }
    return [
      Call(
        "\(name) forward", values, .asStored, dense(inputs, outputs), .asStored,
        into: filled(micro, outputs, nil)),
      Call(
        "\(name) to weights", filled(micro, outputs, nil), .transposed, values, .asStored,
        into: dense(outputs, inputs), accumulating: true),
      toInputs(tasks: 1), toInputs(tasks: 3),
    ]
  }
}

/// A matrix of small random numbers with the stride that the engine gives its buffers.
private func filled(_ rows: Int, _ columns: Int, _ stride: Int?) -> Matrix {
  let matrix = Matrix(rows: rows, columns: columns, stride: stride)
  var generator = SplitMix64(seed: 1)
  for row in 0..<rows {
    for column in 0..<columns { matrix[row, column] = Float(generator.uniform() - 0.5) }
  }
  return matrix
}

/// A matrix of small random numbers with no space between its rows.
private func dense(_ rows: Int, _ columns: Int) -> Matrix { filled(rows, columns, columns) }
