import Interactions
import Testing

struct SpellingTests {
  static let names = ["user_id", "item_id", "price", "add_to_cart", "purchase"]

  @Test(arguments: [
    ("user_idd", "user_id"), ("UserId", "user_id"), ("prcie", "price"),
    ("add-to-cart", "add_to_cart"),
    ("purchases", "purchase"), ("purch", "purchase"),
  ])
  func `a near name is what was meant`(word: String, meant: String) {
    #expect(Spelling.nearest(to: word, among: Self.names) == meant)
  }

  @Test(arguments: ["", "_", "pr", "colour", String(repeating: "price", count: 20)])
  func `a far name is not`(word: String) {
    #expect(Spelling.nearest(to: word, among: Self.names) == nil)
  }

  @Test func `the nearest of several is chosen, and of none nothing`() {
    #expect(Spelling.nearest(to: "item_is", among: ["items_ix", "item_id"]) == "item_id")
    #expect(Spelling.nearest(to: "item", among: []) == nil)
  }

  @Test func `a distance counts letters put in, taken out, changed and swapped`() {
    func distance(_ a: String, _ b: String) -> Int { Spelling.distance(Array(a), Array(b)) }
    #expect(distance("", "abc") == 3)
    #expect(distance("abc", "abc") == 0)
    #expect(distance("abc", "acb") == 1)
    #expect(distance("abcd", "xbd") == 2)
    // In the restricted form a swapped pair is not edited again.
    #expect(distance("ca", "abc") == 3)
  }
}
