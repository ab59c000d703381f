/// Amounts of memory as people write them.
public enum MemorySize {
  /// The bytes in a text such as `4GB` or `512 MB`, in powers of 1,000; nil where it is none.
  ///
  /// It takes at least 1 MB.
  public static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text[digits.endIndex...].drop { $0 == " " }
    let scales = ["MB": 1e6, "GB": 1e9]
    guard let count = Double(digits), let scale = scales[String(unit)] else { return nil }
    let bytes = (count * scale).rounded()
    return (1e6...1e15).contains(bytes) ? Int(bytes) : nil
  }
}
