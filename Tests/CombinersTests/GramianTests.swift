import Combiners
import TestSupport
import Testing

struct GramianTests {
  static let gramian = Gramian(of: Samples.example)

  @Test func `holds the gradients' inner products`() {
    #expect(GramianTests.gramian.values == [9, -3, 3, -3, 5, -3, 3, -3, 3])
    #expect(GramianTests.gramian[1, 2] == -3)
    #expect(GramianTests.gramian.norm(0) == 3)
  }

  @Test func `knows cosines but of zero gradients`() {
    let cosine = Gramian(of: [[1, 0], [1, 1], [0, 0]])
    #expect(abs((cosine.cosine(0, 1) ?? 0) - 0.5.squareRoot()) < Tolerance.double)
    #expect(cosine.cosine(0, 2) == nil)
    #expect(Gramian(of: [[0.1, 0.7], [0.3, 2.1]]).cosine(0, 1).map { $0 <= 1 } == true)
  }

  @Test func `agrees with the combined gradient`() {
    let weights: [Double] = [0.5, -1, 2]
    let update = Samples.sum(Samples.example, weights: weights)
    for task in 0..<3 {
      let expected = Samples.dot(Samples.example[task], update)
      #expect(
        abs(GramianTests.gramian.agreement(of: task, with: weights) - expected) < Tolerance.double)
    }
    let square = Samples.dot(update, update)
    #expect(abs(GramianTests.gramian.squaredNorm(of: weights) - square) < Tolerance.double)
  }

  @Test func `selects tasks in the given order`() {
    #expect(GramianTests.gramian.selecting([2, 0]).values == [3, 3, 3, 9])
    #expect(GramianTests.gramian.selecting([]).taskCount == 0)
  }

  @Test func `adds up over parameters`() {
    var sum = Gramian(of: [[3], [-1]])
    sum.add(Gramian(of: [[0], [2]]))
    #expect(sum == Gramian(of: [[3, 0], [-1, 2]]))
  }

  @Test func `of another size traps`() async {
    await #expect(processExitsWith: .failure) { _ = Gramian(taskCount: 2, values: [1, 2, 3]) }
    await #expect(processExitsWith: .failure) {
      var sum = Gramian(of: [[1]])
      sum.add(Gramian(of: [[1], [2]]))
    }
  }
}
