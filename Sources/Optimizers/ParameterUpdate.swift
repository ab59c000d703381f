internal import CKernels

/// One step's update of parameters, with all constants of the step worked out.
///
/// The fields are the terms of the papers: Adam (Kingma, Ba, ICLR 2015, Algorithm 1), AdamW
/// (Loshchilov, Hutter, ICLR 2019, Algorithm 2), Adagrad (Duchi, Hazan, Singer, JMLR 2011), SGD with
/// momentum (Polyak 1964).
public enum ParameterUpdate: Sendable {
  /// `rate` is already divided by `1 − beta1ᵗ`; `root` is `1 / √(1 − beta2ᵗ)`.
  case adam(
    rate: Float, beta1: Float, beta2: Float, root: Float, epsilon: Float, decay: Float,
    decoupled: Float)
  case adagrad(rate: Float, epsilon: Float, decay: Float)
  case sgd(rate: Float, momentum: Float?, decay: Float)

  /// The same update without weight decay, for biases.
  public var withoutDecay: ParameterUpdate {
    switch self {
    case .adam(let rate, let beta1, let beta2, let root, let epsilon, _, _):
      .adam(
        rate: rate, beta1: beta1, beta2: beta2, root: root, epsilon: epsilon, decay: 0,
        decoupled: 0)
    case .adagrad(let rate, let epsilon, _): .adagrad(rate: rate, epsilon: epsilon, decay: 0)
    case .sgd(let rate, let momentum, _): .sgd(rate: rate, momentum: momentum, decay: 0)
    }
  }

  /// Changes `count` parameters and their moments by `scale · gradient`.
  ///
  /// `moments` are the addresses of as many moments as ``Optimizer/momentCount`` says; the others are
  /// not read.
  public func apply(
    to values: UnsafeMutablePointer<Float>,
    moments: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>),
    gradient: UnsafePointer<Float>, scale: Float, count: Int
  ) {
    switch self {
    case .adam(let rate, let beta1, let beta2, let root, let epsilon, let decay, let decoupled):
      unsafe kernel_adam(
        values, moments.0, moments.1, gradient, scale, count, rate, beta1, beta2, root, epsilon,
        decay, decoupled)
    case .adagrad(let rate, let epsilon, let decay):
      unsafe kernel_adagrad(values, moments.0, gradient, scale, count, rate, epsilon, decay)
    case .sgd(let rate, let momentum?, let decay):
      unsafe kernel_sgd_momentum(
        values, moments.0, gradient, scale, count, rate, momentum, decay)
    case .sgd(let rate, nil, let decay):
      unsafe kernel_sgd(values, gradient, scale, count, rate, decay)
    }
  }

  /// The same for some rows of an embedding table, whose records hold values and moments.
  ///
  /// Row `rows[n]`, `record` floats from the next one, changes by `scale` times the gradient at
  /// `gradients + n · gradientStride`.
  public func apply(
    toRows rows: UnsafePointer<Int32>, rowCount: Int, of table: UnsafeMutablePointer<Float>,
    record: Int, dimension: Int, gradients: UnsafePointer<Float>, gradientStride: Int,
    scale: Float
  ) {
    if case .adam(let rate, let beta1, let beta2, let root, let epsilon, let decay, let decoupled) =
      self
    {
      return unsafe kernel_adam_rows(
        table, record, rows, rowCount, gradients, gradientStride, scale, dimension, rate, beta1,
        beta2, root, epsilon, decay, decoupled)
    }
    for index in 0..<rowCount {
      let values = unsafe table + Int(rows[index]) * record
      let moment = unsafe record > dimension ? values + dimension : values
      unsafe apply(
        to: values, moments: (moment, moment), gradient: gradients + index * gradientStride,
        scale: scale, count: dimension)
    }
  }
}
