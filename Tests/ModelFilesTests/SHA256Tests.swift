import ModelFiles
import Testing

struct SHA256Tests {
  /// The examples of FIPS 180-2, appendix B, and the checksum of nothing.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `gives the standard's examples`(text: String, expected: String) {
    #expect(SHA256.hexadecimal(of: Array(text.utf8)) == expected)
  }

  @Test func `pieces of any length add up`() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 31 + 7) }
    let whole = SHA256.hexadecimal(of: bytes)
    for first in stride(from: 0, through: bytes.count, by: 7) {
      for second in stride(from: first, through: bytes.count, by: 13) {
        var sum = SHA256()
        sum.update(Array(bytes[..<first]))
        sum.update(Array(bytes[first..<second]))
        sum.update(Array(bytes[second...]))
        #expect(sum.hexadecimal == whole, "cut at \(first) and \(second)")
      }
    }
  }

  @Test func `agrees with the system's program at every length around a block`() throws {
    let folder = try TestFolder()
    var generator = SystemRandomNumberGenerator()
    let lengths = Array(50...70) + Array(115...130) + [100_003]
    var expected = ""
    for length in lengths {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try folder.write(bytes, to: "\(length)")
      expected += "\(SHA256.hexadecimal(of: bytes))  \(folder.file("\(length)"))\n"
    }
    #expect(try output(of: "sha256sum", lengths.map { folder.file("\($0)") }) == expected)
  }
}
