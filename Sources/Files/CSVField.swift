/// Adds a text to a line of comma-separated values.
///
/// A field with commas, quotes or line ends is quoted, and so is an empty text, which a missing
/// value is told apart from. Shafranovich: *Common Format and MIME Type for Comma-Separated Values*,
/// RFC 4180, 2005.
package func appendCSVField(_ text: String, to line: inout [UInt8]) {
  let isSpecial = text.utf8.contains { byte in
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
  }
  guard isSpecial || text.isEmpty else {
    line.append(contentsOf: text.utf8)
    return
  }
  line.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    if byte == UInt8(ascii: "\"") { line.append(byte) }
    line.append(byte)
  }
  line.append(UInt8(ascii: "\""))
}
