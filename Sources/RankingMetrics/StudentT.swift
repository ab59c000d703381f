import Glibc

/// Student's t distribution, for means over a few seeds.
public enum StudentT {
  /// The value below which a share `probability` of the distribution lies.
  ///
  /// By bisection of ``cumulative(_:degreesOfFreedom:)``, to 12 significant digits.
  ///
  /// - Parameters:
  ///   - probability: In `0...1`, ends excluded.
  ///   - degreesOfFreedom: Above 0, whole or not; infinity gives the normal distribution.
  /// - Returns: The quantile, 0 for a probability of 0.5.
  public static func quantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    precondition(probability > 0 && probability < 1, "no quantile at \(probability)")
    guard probability >= 0.5 else {
      return -quantile(1 - probability, degreesOfFreedom: degreesOfFreedom)
    }
    var low = 0.0
    var high = 1.0
    while cumulative(high, degreesOfFreedom: degreesOfFreedom) < probability { high *= 2 }
    while high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if cumulative(middle, degreesOfFreedom: degreesOfFreedom) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The share of the distribution that lies below `value`.
  ///
  /// `1 − I(ν / (ν + t²); ν/2, 1/2) / 2` for `t ≥ 0`, with the regularised incomplete beta function
  /// `I` by its continued fraction. Abramowitz, Stegun: *Handbook of Mathematical Functions*, 26.5.8
  /// and 26.7.1.
  public static func cumulative(_ value: Double, degreesOfFreedom: Double) -> Double {
    precondition(degreesOfFreedom > 0, "\(degreesOfFreedom) degrees of freedom")
    guard degreesOfFreedom < 1e10 else { return erfc(-value / 2.0.squareRoot()) / 2 }
    let square = value * value
    let tail =
      incompleteBeta(
        degreesOfFreedom / (degreesOfFreedom + square),
        complement: square / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5) / 2
    return value < 0 ? tail : 1 - tail
  }

  /// `I(x; a, b)`, with `complement = 1 − x` given apart so that no digit of it is lost.
  private static func incompleteBeta(
    _ x: Double, complement: Double, _ a: Double, _ b: Double
  ) -> Double {
    if x <= 0 { return 0 }
    if complement <= 0 { return 1 }
    let front = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(complement))
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(x, a, b) / a : 1 - front * fraction(complement, b, a) / b
  }

  /// The continued fraction of the incomplete beta function, from its end forward (Lentz).
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ number: Double) -> Double { abs(number) < tiny ? tiny : number }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      let factor = d * c
      result *= factor
      if abs(factor - 1) < 1e-15 { break }
    }
    return result
  }
}
