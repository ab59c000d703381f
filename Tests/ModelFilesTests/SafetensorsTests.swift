import Foundation
import Interactions
import Matrices
import ModelFiles
import Testing

/// A strided matrix, whose gaps hold numbers that belong to no tensor.
private func stridedMatrix() -> Matrix {
  let matrix = Matrix(rows: 3, columns: 2, stride: 5)
  for index in 0..<matrix.storage.count { matrix.storage[index] = -1 }
  for row in 0..<3 { for column in 0..<2 { matrix[row, column] = Float(10 * row + column) } }
  return matrix
}

struct SafetensorsTests {
  private func sample() throws -> SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: ["made \"by\"": "a\\b\n\u{1}é😀"])
    try writer.add("bytes", Column<UInt8>([1, 2, 3]))
    try writer.add("table", stridedMatrix())
    try writer.add("doubles", shape: [2, 1], Column([0.1, -Double.infinity]))
    try writer.add("wholes", Column<Int32>([-5]))
    try writer.add("none", shape: [0, 7], Column<Float>([]))
    try writer.add("one", shape: [], Column<Int64>([.min]))
    return writer
  }

  @Test func `what is written is read`() throws {
    let folder = try TestFolder()
    try sample().write(to: folder.file("f"))
    let file = try SafetensorsFile(opening: folder.file("f"))
    #expect(file.metadata == ["made \"by\"": "a\\b\n\u{1}é😀"])
    #expect(file.tensor("table") == .init(name: "table", type: .float32, shape: [3, 2]))
    #expect(file.tensor("one")?.shape == [])
    #expect(file.tensor("nothing") == nil)
    #expect(file.tensors.count == 6)
    let column: Column<Float> = try file.column("table")
    #expect((0..<column.count).map { column[$0] } == [0, 1, 10, 11, 20, 21])
    #expect(try file.column("doubles", of: Double.self)[1] == -.infinity)
    #expect(try file.column("one", of: Int64.self)[0] == .min)
    #expect(try file.column("bytes", of: UInt8.self)[2] == 3)
    #expect(try file.column("none", of: Float.self).count == 0)
    #expect(try folder.names == ["f"])
  }

  @Test func `a strided matrix is filled and its gaps are left`() throws {
    let folder = try TestFolder()
    try sample().write(to: folder.file("f"))
    let file = try SafetensorsFile(opening: folder.file("f"))
    let target = Matrix(rows: 3, columns: 2, stride: 4)
    for index in 0..<target.storage.count { target.storage[index] = 9 }
    try file.copy("table", into: target)
    #expect(
      (0..<target.storage.count).map { target.storage[$0] }
        == [0, 1, 9, 9, 10, 11, 9, 9, 20, 21, 9, 9])
  }

  @Test func `a tensor that is missing or another is named`() throws {
    let folder = try TestFolder()
    let path = folder.file("f")
    try sample().write(to: path)
    let file = try SafetensorsFile(opening: path)
    func mismatch(_ tensor: String, _ reason: String) -> ModelFileError {
      .mismatch(path, tensor: tensor, reason: reason)
    }
    let matrix = Matrix(rows: 2, columns: 3)
    #expect(throws: mismatch("x", "is missing")) { try file.copy("x", into: matrix) }
    #expect(throws: mismatch("table", "has the shape [3, 2], not [2, 3]")) {
      try file.copy("table", into: matrix)
    }
    #expect(throws: mismatch("bytes", "holds U8, not F32")) {
      try file.copy("bytes", into: matrix)
    }
    #expect(throws: mismatch("table", "holds F32, not F64")) {
      try file.column("table", of: Double.self)
    }
  }

  @Test func `two tensors of a name are refused`() throws {
    var writer = SafetensorsWriter()
    try writer.add("a", Column<Float>([1]))
    let taken = ModelFileError.badName("a", reason: "two tensors would have it")
    #expect(throws: taken) { try writer.add("a", Column<Float>([1])) }
    #expect(throws: ModelFileError.self) { try writer.add("__metadata__", Column<Float>([1])) }
  }

  @Test func `every tensor begins where its elements are aligned`() throws {
    let folder = try TestFolder()
    try sample().write(to: folder.file("f"))
    let bytes = try folder.read("f")
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect((8 + length) % 64 == 0)
    let json = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    for case let tensor as [String: Any] in try #require(json as? [String: Any]).values {
      guard let offsets = tensor["data_offsets"] as? [Int], let type = tensor["dtype"] as? String
      else { continue }
      #expect(offsets[0] % (try #require(TensorType(rawValue: type))).size == 0)
    }
  }

  /// What `safetensors.numpy.save` of Python's safetensors 0.8.0 writes for
  /// `weight = float32 [[1.5, −2], [0.1, inf]]`, `count = int64 [3]`, `flag = uint8 [1, 0, 255]`
  /// and `empty = float64 zeros((0, 4))`.
  @Test func `a file of the reference implementation is read`() throws {
    let folder = try TestFolder()
    let header =
      #"{"__metadata__":{"by":"numpy é"},"count":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
      + #""empty":{"dtype":"F64","shape":[0,4],"data_offsets":[8,8]},"#
      + #""weight":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},"#
      + #""flag":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}}    "#
    let data: [UInt8] = [
      3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 0xCD, 0xCC, 0xCC, 0x3D, 0, 0, 0x80,
      0x7F, 1, 0, 0xFF,
    ]
    try folder.write(fileBytes(header, data), to: "f")
    let file = try SafetensorsFile(opening: folder.file("f"))
    #expect(file.metadata == ["by": "numpy é"])
    #expect(file.tensors.map(\.name) == ["count", "empty", "weight", "flag"])
    let matrix = Matrix(rows: 2, columns: 2, stride: 3)
    try file.copy("weight", into: matrix)
    #expect([matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]] == [1.5, -2, 0.1, .infinity])
    #expect(try file.column("count", of: Int64.self)[0] == 3)
    #expect(try file.column("flag", of: UInt8.self)[2] == 255)
  }

  @Test func `numbers of a foreign file that aren't aligned are copied`() throws {
    let folder = try TestFolder()
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
    try folder.write(fileBytes(header, [7] + floats([1.5, -2])), to: "f")
    let column: Column<Float> = try SafetensorsFile(opening: folder.file("f")).column("b")
    #expect(column[0] == 1.5 && column[1] == -2)
  }
}

/// A file of the given header and data.
func fileBytes(_ header: String, _ data: [UInt8]) -> [UInt8] {
  let json = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json + data
}

private func floats(_ values: [Float]) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }
}

struct SafetensorsDamageTests {
  private func expectDamaged(_ bytes: [UInt8], _ reason: String) throws {
    let folder = try TestFolder()
    try folder.write(bytes, to: "f")
    let expected = ModelFileError.damaged(folder.file("f"), reason: reason)
    #expect(throws: expected) { try SafetensorsFile(opening: folder.file("f")) }
  }

  @Test func `a header that isn't one is refused`() throws {
    try expectDamaged([], "it is too short for a header")
    try expectDamaged([1, 0, 0], "it is too short for a header")
    try expectDamaged(
      [UInt8](repeating: 0xFF, count: 8), "its header claims 18446744073709551615 bytes")
    try expectDamaged([9, 0, 0, 0, 0, 0, 0, 0, 0x7B], "it ends inside of its header")
    try expectDamaged(fileBytes("", []), "byte 8 of its header should be an object")
    try expectDamaged(fileBytes(" {}", []), "byte 8 of its header should be an object")
    try expectDamaged(fileBytes("{} x", []), "byte 11 of its header should be the end")
    try expectDamaged(fileBytes("{", []), "byte 9 of its header should be \"")
    try expectDamaged(fileBytes(#"{"a"}"#, []), "byte 12 of its header should be :")
    try expectDamaged(fileBytes(#"{"a"#, []), "byte 11 of its header should be the end of a text")
    try expectDamaged(
      fileBytes(#"{"\ud800":"#, []), "byte 16 of its header should be a character")
    try expectDamaged(
      fileBytes(#"{"__metadata__":{"a":1}}"#, []), "byte 29 of its header should be \"")
  }

  private func tensor(
    _ name: String, _ offsets: String, type: String = "F32", shape: String = "1"
  ) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
  }

  @Test func `tensors that don't cover the data once are refused`() throws {
    let four = [UInt8](repeating: 0, count: 4)
    let (first, second) = (tensor("a", "0,4"), tensor("b", "4,8"))
    try expectDamaged(fileBytes("{\(first)}", []), "it has 0 bytes of tensors instead of 4")
    try expectDamaged(fileBytes("{\(first)}", four + [0]), "it has 5 bytes of tensors instead of 4")
    try expectDamaged(fileBytes("{\(second)}", four + four), "there is a hole before tensor b")
    try expectDamaged(
      fileBytes("{\(first),\(tensor("b", "2,6"))}", four + four), "tensor b overlaps another")
    try expectDamaged(
      fileBytes("{\(first),\(first)}", four), "its header names a twice")
    try expectDamaged(fileBytes("{}", four), "it has 4 bytes of tensors instead of 0")
  }

  @Test func `tensors whose size, type or properties are wrong are refused`() throws {
    let eight = [UInt8](repeating: 0, count: 8)
    try expectDamaged(
      fileBytes("{\(tensor("a", "0,8"))}", eight), "tensor a has 8 bytes, not its shape's")
    try expectDamaged(
      fileBytes("{\(tensor("a", "0,8", shape: "9223372036854775807,3"))}", eight),
      "tensor a has 8 bytes, not its shape's")
    try expectDamaged(
      fileBytes("{\(tensor("a", "0,8", type: "BF16", shape: "4"))}", eight),
      "tensor a has the type BF16, which can't be read here")
    try expectDamaged(
      fileBytes("{\(tensor("a", "8,0", shape: "2"))}", eight),
      "tensor a lacks its dtype, shape or data_offsets")
    try expectDamaged(
      fileBytes(#"{"a":{"dtype":"F32","shape":[2]}}"#, eight),
      "tensor a lacks its dtype, shape or data_offsets")
    try expectDamaged(
      fileBytes("{\(tensor("a", "0,99999999999999999999"))}", eight),
      "byte 78 of its header should be a length")
    try expectDamaged(
      fileBytes(#"{"a":{"dtype":"F32","color":1}}"#, eight),
      "tensor a has an unknown property color")
  }

  @Test func `no cut of a file is read and no change of a byte is a trap`() throws {
    let folder = try TestFolder()
    var writer = SafetensorsWriter(metadata: ["a": "b"])
    try writer.add("t", Column<Float>([1, 2]))
    try writer.write(to: folder.file("f"))
    let bytes = try folder.read("f")
    for count in 0..<bytes.count {
      try folder.write(Array(bytes[..<count]), to: "cut")
      #expect(throws: ModelFileError.self) { try SafetensorsFile(opening: folder.file("cut")) }
    }
    for index in bytes.indices {
      for change: UInt8 in [0x01, 0x10, 0x80] {
        var changed = bytes
        changed[index] ^= change
        try folder.write(changed, to: "changed")
        _ = try? SafetensorsFile(opening: folder.file("changed"))
      }
    }
  }

  @Test func `an absent file and a folder are told apart`() throws {
    let folder = try TestFolder()
    #expect(throws: ModelFileError.absent(folder.file("f"))) {
      try SafetensorsFile(opening: folder.file("f"))
    }
    #expect(throws: ModelFileError.damaged(folder.path, reason: "not a file")) {
      try SafetensorsFile(opening: folder.path)
    }
  }
}
