import Foundation
import ModelFiles
import Testing

struct CSVWriterTests {
  @Test func `fields are quoted where they must be`() throws {
    let folder = try TestFolder()
    let writer = try CSVWriter(replacing: folder.file("f"), columns: ["id", "a,b", "score"])
    writer.append("plain")
    writer.append("say \"é\",\r\nor not")
    writer.append(Float(0.1))
    try writer.endRow()
    writer.append(Int64.min)
    writer.append("")
    writer.appendMissing()
    try writer.endRow()
    writer.append(1e-300)
    writer.append(UInt8(255))
    writer.append(Float.nan)
    try writer.endRow()
    #expect(writer.rowCount == 3)
    #expect(try folder.names != ["f"])
    try writer.finish()
    let expected =
      "id,\"a,b\",score\r\nplain,\"say \"\"é\"\",\r\nor not\",0.1\r\n"
      + "-9223372036854775808,\"\",\r\n1e-300,255,nan\r\n"
    #expect(try String(decoding: folder.read("f"), as: UTF8.self) == expected)
    #expect(try folder.names == ["f"])
  }

  @Test func `an abandoned file leaves the old one as it was`() throws {
    let folder = try TestFolder()
    try folder.write([1], to: "f")
    do {
      let writer = try CSVWriter(replacing: folder.file("f"), columns: ["a"])
      writer.append(1)
      try writer.endRow()
    }
    #expect(try folder.read("f") == [1])
    #expect(try folder.names == ["f"])
    try CSVWriter(replacing: folder.file("f"), columns: ["a"]).finish()
    #expect(try folder.read("f") == Array("a\r\n".utf8))
  }

  @Test func `a folder or device is not replaced`() throws {
    let folder = try TestFolder()
    for path in [folder.path, "/dev/null"] {
      #expect(throws: ModelFileError.foreignDestination(path)) {
        try CSVWriter(replacing: path, columns: ["a"])
      }
    }
  }

  @Test func `rows longer than the buffer arrive whole`() throws {
    let folder = try TestFolder()
    let writer = try CSVWriter(replacing: folder.file("f"), columns: ["a"])
    let long = String(repeating: "x", count: 300_000)
    for _ in 0..<3 {
      writer.append(long)
      try writer.endRow()
      writer.append(7)
      try writer.endRow()
    }
    try writer.finish()
    let expected = "a\r\n" + String(repeating: "\(long)\r\n7\r\n", count: 3)
    #expect(try folder.read("f") == Array(expected.utf8))
  }

  @Test func `a row with too few or too many fields is a mistake`() async {
    await #expect(processExitsWith: .failure) {
      let folder = try TestFolder()
      let writer = try CSVWriter(replacing: folder.file("f"), columns: ["a", "b"])
      writer.append(1)
      try writer.endRow()
    }
    await #expect(processExitsWith: .failure) {
      let folder = try TestFolder()
      let writer = try CSVWriter(replacing: folder.file("f"), columns: ["a"])
      writer.append(1)
      writer.append(2)
    }
  }
}
