import Glibc

/// The cost of a predicted probability `σ(logit)` of a yes-or-no outcome, in nats.
///
/// `−log σ(x)` for a positive and `−log(1 − σ(x))` for a negative, its slope `σ(x) − y`. Both are
/// computed from `z = −x` for a positive and `z = x` for a negative as
/// `max(z, 0) + log(1 + e^−|z|)` and `±σ(z)`: no exponential overflows and no small slope is lost
/// to a subtraction, at any finite logit.
enum BinaryCrossEntropy {
  /// The loss and its derivative with respect to the logit, for one row.
  static func lossAndSlope(logit: Double, isPositive: Bool) -> (loss: Double, slope: Double) {
    let against = isPositive ? -logit : logit
    let small = exp(-abs(against))
    let slope = (against >= 0 ? 1 : small) / (1 + small)
    return (max(against, 0) + log1p(small), isPositive ? -slope : slope)
  }

  /// The loss and its derivative with respect to the logit, for one row.
  static func lossAndSlope(logit: Float, isPositive: Bool) -> (loss: Float, slope: Float) {
    let against = isPositive ? -logit : logit
    let small = expf(-abs(against))
    let slope = (against >= 0 ? 1 : small) / (1 + small)
    return (max(against, 0) + log1pf(small), isPositive ? -slope : slope)
  }

  /// `σ(logit)`, in `0...1`.
  static func probability(logit: Float) -> Float {
    let small = expf(-abs(logit))
    return (logit >= 0 ? 1 : small) / (1 + small)
  }
}
