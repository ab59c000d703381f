/// Named tolerances, each with its reason.
public enum Tolerance {
  /// Rounding of a float32 sum of `count` terms of about `magnitude`: half a unit in the last place
  /// each, adding up at worst linearly.
  public static func float32Sum(of count: Int, magnitude: Double = 1) -> Double {
    Double(count) * magnitude * 0x1p-24
  }

  /// A float32 gradient through a few layers of a tiny network against double precision.
  public static let float32Gradient = 2e-5

  /// A double-precision formula evaluated in two orders.
  public static let double = 1e-12
}
