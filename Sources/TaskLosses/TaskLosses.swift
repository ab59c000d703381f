import Glibc

public enum TaskLoss: String, Codable, Sendable, CaseIterable {
  case binaryCrossEntropy
  public struct LossSum: Sendable { public var total: Double; public var count: Int }
  public func slopes(
    logits: Span<Float>, labels: Span<UInt8>, scale: Float, into slopes: inout MutableSpan<Float>
  ) -> LossSum {
    var total = 0.0, count = 0
    for i in 0..<logits.count {
      let y = labels[i]
      if y > 1 { slopes[i] = 0; continue }
      let x = logits[i]
      let e = expf(-abs(x))
      let p = x >= 0 ? 1 / (1 + e) : e / (1 + e)
      total += Double(max(x, 0) - (y == 1 ? x : 0) + log1pf(e)); count += 1
      slopes[i] = scale * (p - Float(y))
    }
    return LossSum(total: total, count: count)
  }
}
