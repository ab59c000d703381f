/// Named tolerances, each with its reason.
public enum Tolerance {
  /// Rounding of a float32 sum of `count` terms of about `magnitude`: half a unit in the last place
  /// each, adding up at worst linearly.
  public static func float32Sum(of count: Int, magnitude: Double = 1) -> Double {
    Double(count) * magnitude * 0x1p-24
  }

  /// A few roundings of float32 at a result of about `magnitude`.
  public static func float32(magnitude: Double = 1) -> Double { 8 * magnitude * 0x1p-24 }

  /// A float32 function that rests on the kernels' exponential, about 1e-7 relative.
  public static let float32Exponential = 1e-6

  /// Float32 logits of about 1 to 10 through a few layers of a tiny network against double precision.
  public static let float32Forward = 1e-5

  /// A float32 gradient through a few layers of a tiny network against double precision.
  public static let float32Gradient = 2e-5

  /// A float32 parameter of about `magnitude` after `steps` updates, each rounded once or twice.
  public static func float32Updates(steps: Int, magnitude: Double) -> Double {
    2 * Double(steps) * magnitude * 0x1p-24
  }

  /// A double-precision formula evaluated in two orders.
  public static let double = 1e-12
}
