import Interactions
import Testing

struct IDDictionaryTests {
  /// Ids of which some are new, some come again within a block of look-ups, and some are missing.
  private let ids: [Int64] = (0..<3_000).map { ($0 &* 7_919) % 1_000 - 500 }
  private let isMissing: [Bool] = (0..<3_000).map { $0 % 13 == 5 }

  @Test(arguments: [0, 1, 255, 256, 257, 3_000])
  func `whole numbers get the same codes together as one by one`(count: Int) {
    var together = IDDictionary(holdsTexts: false)
    var single = IDDictionary(holdsTexts: false)
    for _ in 0..<2 {
      let codes = together.insert(Array(ids[..<count]), isMissing: Array(isMissing[..<count]))
      let expected = (0..<count).map { isMissing[$0] ? -1 : single.insert(ids[$0]) }
      #expect(codes == expected)
    }
    #expect(together == single)
  }

  @Test func `texts are numbered in the order of first sight, -1 where missing`() {
    var texts = TextColumn()
    for text in ["b", "", "a", "b", "", "c"] { texts.append(text.utf8) }
    var dictionary = IDDictionary(holdsTexts: true)
    let isMissing = [false, true, false, false, false, false]
    #expect(dictionary.insert(texts, isMissing: isMissing) == [0, -1, 1, 0, 2, 3])
    #expect(dictionary.insert(texts, isMissing: isMissing) == [0, -1, 1, 0, 2, 3])
  }

  @Test func `missing ids take no code, whatever their place holds`() {
    var dictionary = IDDictionary(holdsTexts: false)
    #expect(dictionary.insert([0, 7, 0], isMissing: [true, false, true]) == [-1, 0, -1])
    #expect(dictionary.integers == [7])
  }
}
