import Glibc

/// Every parameter update that a run configuration can name.
public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  case adam, adamw, adagrad, sgd
}

/// How gradients change parameters.
///
/// Embedding tables are sparse: a step changes the rows that the batch touched, their moments and
/// nothing else; bias correction counts all steps.
public struct Optimizer: Codable, Sendable, Equatable {
  public var kind: OptimizerKind
  /// Learning rate of schedule share 1.
  public var learningRate: Double
  /// L2 penalty added to the gradient; for AdamW the decoupled decay, times the learning rate.
  public var weightDecay: Double
  /// SGD's heavy-ball momentum, `0..<1`.
  public var momentum: Double
  /// Adam's decay of the mean gradient.
  public var beta1: Double
  /// Adam's decay of the mean squared gradient.
  public var beta2: Double
  public var epsilon: Double

  /// Creates an optimizer; the defaults are Adam's: Kingma, Ba: *Adam*, ICLR 2015, Algorithm 1.
  public init(
    kind: OptimizerKind = .adam, learningRate: Double = 1e-3, weightDecay: Double = 0,
    momentum: Double = 0.9, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.kind = kind
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// Numbers that it keeps beside every parameter.
  public var momentCount: Int {
    switch kind {
    case .adam, .adamw: 2
    case .adagrad: 1
    case .sgd: momentum > 0 ? 1 : 0
    }
  }

  /// The update of step number `step`, counted from 1, at the given learning rate.
  public func update(step: Int, learningRate: Double) -> ParameterUpdate {
    let rate = learningRate
    switch kind {
    case .adam, .adamw:
      // Corrected for the decays that the loop really has, rounded to float: 1 − 0.999 is off by
      // 5e-5 there.
      let first = 1 - pow(Double(Float(beta1)), Double(step))
      let second = 1 - pow(Double(Float(beta2)), Double(step))
      return .adam(
        rate: Float(rate / first), beta1: Float(beta1), beta2: Float(beta2),
        root: Float(1 / second.squareRoot()), epsilon: Float(epsilon),
        decay: kind == .adam ? Float(weightDecay) : 0,
        decoupled: kind == .adamw ? Float(rate * weightDecay) : 0)
    case .adagrad:
      return .adagrad(rate: Float(rate), epsilon: Float(epsilon), decay: Float(weightDecay))
    case .sgd:
      return .sgd(
        rate: Float(rate), momentum: momentum > 0 ? Float(momentum) : nil,
        decay: Float(weightDecay))
    }
  }
}
