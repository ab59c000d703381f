import Matrices
import Testing

struct MatrixTests {
  @Test func `starts as zeros in whole cache lines`() {
    let matrix = Matrix(rows: 3, columns: 17)
    #expect(matrix.stride == 32)
    #expect(matrix.rowValues == Array(repeating: Array(repeating: 0, count: 17), count: 3))
    #expect(Matrix(rows: 3, columns: 15).stride == 15)
    #expect(Matrix(rows: 3, columns: 16).stride == 16)
  }

  @Test func `shows its rows and columns as views of the same numbers`() {
    let matrix = Matrix(rows: 4, columns: 5)
    let part = matrix.rows(1..<3).columns(2..<4)
    part[1, 0] = 7
    #expect(matrix[2, 2] == 7)
    #expect(part.rows == 2 && part.columns == 2 && part.stride == matrix.stride)
    matrix[1, 3] = 5
    #expect(part.rowValues == [[0, 5], [7, 0]])
  }

  @Test func `clears a view without its neighbours`() {
    let matrix = Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    matrix.rows(1..<3).columns(1..<2).clear()
    #expect(matrix.rowValues == [[1, 2, 3], [4, 0, 6], [7, 0, 9]])
    #expect(matrix.leavesGapAlone)
    let dense = Matrix([[1, 2], [3, 4]], gap: 0)
    dense.clear()
    #expect(dense.rowValues == [[0, 0], [0, 0]])
  }

  @Test func `hands out a dense column`() {
    let matrix = Matrix([[1], [2], [3]], gap: 0)
    let sum = matrix.withColumn { column in
      column.indices.reduce(Float(0)) { $0 + column[$1] }
    }
    #expect(sum == 6)
    matrix.withMutableColumn { column in column[1] = 9 }
    #expect(matrix.rowValues == [[1], [9], [3]])
  }

  @Test func `may be empty wherever it lies`() {
    let matrix = Matrix(rows: 2, columns: 3)
    let none = matrix.columns(1..<3).rows(2..<2)
    none.clear()
    none.addBias(Matrix([[1, 2]]))
    none.copy(none)
    #expect(none.rows == 0 && none.columns == 2)
    let narrow = matrix.columns(3..<3)
    narrow.applySoftmax()
    narrow.sumColumns(into: Matrix(rows: 1, columns: 0), accumulating: false)
    #expect(matrix.rowValues == [[0, 0, 0], [0, 0, 0]])
  }

  @Test func `traps outside its storage`() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix(storage: FloatStorage(count: 10), offset: 1, rows: 2, columns: 5, stride: 5)
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(storage: FloatStorage(count: 10), offset: 0, rows: 2, columns: 5, stride: 4)
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(storage: FloatStorage(count: 10), offset: -1, rows: 1, columns: 5, stride: 5)
    }
  }

  @Test func `traps at elements, rows and columns that are not there`() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3)[1, 3] }
    await #expect(processExitsWith: .failure) { Matrix(rows: 2, columns: 3)[-1, 0] = 1 }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3).rows(1..<3) }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3).columns(0..<4) }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).withColumn { _ in }
    }
  }
}
