import Interactions
import Testing

struct VocabularyTests {
  static func integers(_ ids: [Int64]) -> Vocabulary {
    var dictionary = IDDictionary(holdsTexts: false)
    for id in ids { _ = dictionary.insert(id) }
    return Vocabulary(dictionary)
  }

  static func texts(_ ids: [String]) -> Vocabulary {
    var dictionary = IDDictionary(holdsTexts: true)
    for id in ids {
      unsafe Array(id.utf8).withUnsafeBufferPointer { _ = unsafe dictionary.insert($0) }
    }
    return Vocabulary(dictionary)
  }

  @Test func `ids get rows in order and others row 0`() {
    let numbers = Self.integers([5, -1, .max, .min, 5])
    #expect(numbers.count == 4)
    #expect([5, -1, .max, .min, 6].map { numbers.row(of: $0) } == [1, 2, 3, 4, 0])
    let texts = Self.texts(["b", "", "ä", "b"])
    #expect(["b", "", "ä", "a"].map { texts.row(of: $0) } == [1, 2, 3, 0])
    #expect(texts.id(ofRow: 3) == "ä")
    #expect(numbers.id(ofRow: 2) == "-1")
  }

  @Test func `thousands of ids keep their rows while the table grows`() {
    let ids = (0..<5_000).map { Int64($0) * 4_294_967_296 }
    let numbers = Self.integers(ids)
    #expect(ids.enumerated().allSatisfy { numbers.row(of: $1) == $0 + 1 })
    let names = (0..<5_000).map { "item \($0)" }
    let texts = Self.texts(names)
    #expect(names.enumerated().allSatisfy { texts.row(of: $1) == $0 + 1 })
  }

  @Test(arguments: [
    Self.integers([]), Self.integers([3, -9]), Self.texts([]), Self.texts(["", "ab", "c"]),
  ])
  func `the stored form gives the vocabulary back`(vocabulary: Vocabulary) throws {
    #expect(try Vocabulary(bytes: vocabulary.bytes) == vocabulary)
  }

  @Test func `the stored form is fixed`() {
    let header = Array("PRVOCAB1".utf8)
    let zeros = [UInt8](repeating: 0, count: 7)
    #expect(
      Self.integers([258]).bytes == header + [0] + zeros + [1] + zeros + [2, 1, 0, 0, 0, 0, 0, 0])
    #expect(Self.texts(["ab"]).bytes == header + [1] + zeros + [1] + zeros + [2, 0, 0, 0, 97, 98])
  }

  @Test func `stored forms cut short, too long or with an id twice are refused`() {
    for vocabulary in [Self.integers([1, 2]), Self.texts(["a", "bc"])] {
      let bytes = vocabulary.bytes
      for count in 0..<bytes.count {
        #expect(throws: VocabularyError.self) { try Vocabulary(bytes: bytes.prefix(count)) }
      }
      #expect(throws: VocabularyError.self) { try Vocabulary(bytes: bytes + [0]) }
    }
    var twice = Self.integers([1, 2]).bytes
    twice[32] = 1
    #expect(throws: VocabularyError.damaged("id 2 is there twice")) { try Vocabulary(bytes: twice) }
    var many = Self.integers([1]).bytes
    many[23] = 255
    #expect(throws: VocabularyError.self) { try Vocabulary(bytes: many) }
  }
}
