import Matrices
import Testing

struct StorageTests {
  /// Just under, at and over the size from which pages come straight from the system.
  @Test(arguments: [0, 1, 17, (2 << 20) / 4 - 1, (2 << 20) / 4, (2 << 20) / 4 + 1, 3 << 20])
  func `holds zeros and then what was written`(count: Int) {
    let storage = FloatStorage(count: count)
    #expect(storage.count == count)
    let ends = count > 0 ? [0, count / 2, count - 1] : []
    for index in ends {
      #expect(storage[index] == 0)
      storage[index] = Float(index)
      #expect(storage[index] == Float(index))
    }
  }

  @Test func `is aligned for vectors`() {
    for count in [1, 100, 1 << 20] {
      let address = unsafe UInt(bitPattern: FloatStorage(count: count).pointer(at: 0, count: 0))
      #expect(address % 64 == 0)
    }
  }

  @Test func `of other numbers counts in their size`() {
    let bytes = Storage<UInt8>(count: 3)
    bytes[2] = 255
    #expect(bytes[2] == 255 && bytes[0] == 0)
    let indices = IndexStorage(count: 1 << 19)
    indices[indices.count - 1] = -1
    #expect(indices[indices.count - 1] == -1)
  }

  @Test func `traps outside its elements`() async {
    await #expect(processExitsWith: .failure) { _ = FloatStorage(count: -1) }
    await #expect(processExitsWith: .failure) { _ = FloatStorage(count: 3)[3] }
    await #expect(processExitsWith: .failure) { FloatStorage(count: 3)[-1] = 0 }
    await #expect(processExitsWith: .failure) {
      _ = unsafe FloatStorage(count: 3).pointer(at: 2, count: 2)
    }
  }
}
