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
    guard degreesOfFreedom < 1e6 else { return nearNormal(value, degreesOfFreedom) }
    let square = value * value
    let tail =
      incompleteBeta(
        degreesOfFreedom / (degreesOfFreedom + square),
        complement: square / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5) / 2
    return value < 0 ? tail : 1 - tail
  }

  /// Fisher's expansion around the normal distribution, to the first order in `1 / ν`: for a million
  /// degrees and more its error is below 1e-12.
  ///
  /// `Φ(t) − φ(t) · t (t² + 1) / (4ν)`, Abramowitz, Stegun, section 26.7.
  private static func nearNormal(_ value: Double, _ degreesOfFreedom: Double) -> Double {
    let normal = erfc(-value / 2.0.squareRoot()) / 2
    let density = exp(-value * value / 2) / (2 * Double.pi).squareRoot()
    return normal - density * value * (value * value + 1) / (4 * degreesOfFreedom)
  }

  /// `I(x; a, b)`, with `complement = 1 − x` given apart so that no digit of it is lost.
  private static func incompleteBeta(
    _ x: Double, complement: Double, _ a: Double, _ b: Double
  ) -> Double {
    if x <= 0 { return 0 }
    if complement <= 0 { return 1 }
    let logX = complement < 0.5 ? log1p(-complement) : log(x)
    let front = exp(
      logRise(a, by: b) - lgamma(b) + a * logX + b * log(complement))
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(x, a, b) / a : 1 - front * fraction(complement, b, a) / b
  }

  /// `log(Γ(a + b) / Γ(a))`, for `b` = 1/2 or `a` = 1/2; by its asymptotic series where the
  /// difference of the logarithms would lose digits.
  ///
  /// Abramowitz, Stegun, 6.1.47: `Γ(a + 1/2) / Γ(a) = √a · (1 − 1/(8a) + 1/(128a²) + …)`.
  private static func logRise(_ a: Double, by b: Double) -> Double {
    guard a > 1e3, b == 0.5 else { return lgamma(a + b) - lgamma(a) }
    return log(a) / 2 + log1p(-1 / (8 * a) + 1 / (128 * a * a) + 5 / (1_024 * a * a * a))
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
