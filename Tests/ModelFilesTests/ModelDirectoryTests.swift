import Foundation
import ModelFiles
import Testing

/// What a test says about its model.
struct Note: Codable, Equatable {
  var text: String
  var auc: Double
}

extension TestFolder {
  /// Writes a model of three files.
  @discardableResult
  func writeModel(
    _ name: String = "model", weights: [UInt8] = [1, 2, 3], text: String = "first",
    replacing: Bool = false
  ) throws -> String {
    let writer = try ModelDirectoryWriter(destination: file(name), replacing: replacing)
    try writer.write(weights, to: "weights.safetensors")
    try writer.write([], to: "state.safetensors")
    try writer.write([7], to: "vocabularies/user_id")
    return try writer.finish(Note(text: text, auc: .infinity), productVersion: "1.2.3")
  }
}

struct ModelDirectoryTests {
  @Test func `an opened model equals the one written`() throws {
    let folder = try TestFolder()
    let digest = try folder.writeModel()
    let model = try ModelDirectory(opening: folder.file("model"))
    #expect(model.digest == digest)
    #expect(model.productVersion == "1.2.3")
    #expect(try model.model() == Note(text: "first", auc: .infinity))
    #expect(
      model.files.keys.sorted()
        == ["state.safetensors", "vocabularies/user_id", "weights.safetensors"])
    #expect(try model.bytes(of: "vocabularies/user_id") == [7])
    #expect(
      try model.path(for: "weights.safetensors") == folder.file("model") + "/weights.safetensors")
    #expect(throws: ModelFileError.missingFile(folder.file("model"), name: "x")) {
      try model.path(for: "x")
    }
    #expect(try folder.names == ["model"])
  }

  @Test func `a model is deleted as a whole, and nothing else is`() throws {
    let folder = try TestFolder()
    let digest = try folder.writeModel()
    let path = folder.file("model")
    #expect(ModelDirectory.state(of: path, digest: digest) == .there)
    #expect(ModelDirectory.state(of: path, digest: "another") == .other)
    #expect(try !ModelDirectory.remove(path, digest: "another"))
    #expect(ModelDirectory.state(of: path, digest: digest) == .there)
    try folder.write([1], to: "model/weights.safetensors")
    #expect(ModelDirectory.state(of: path, digest: digest) == .damaged)
    #expect(try ModelDirectory.remove(path, digest: digest))
    #expect(try folder.names == [])
    #expect(ModelDirectory.state(of: path, digest: digest) == .missing)
    #expect(try ModelDirectory.remove(path, digest: digest))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(try !ModelDirectory.remove(path, digest: digest))
    #expect(try folder.names == ["model"])
  }

  @Test func `the checksums are those of the system's program`() throws {
    let folder = try TestFolder()
    let digest = try folder.writeModel()
    let names = ["state.safetensors", "vocabularies/user_id", "weights.safetensors"]
    let root = folder.file("model")
    let lines = try output(of: "sha256sum", names.map { "\(root)/\($0)" })
      .replacingOccurrences(of: "\(root)/", with: "")
    #expect(digest == SHA256.hexadecimal(of: Array(lines.utf8)))
  }

  @Test func `the digest is that of the files, whatever is said about them`() throws {
    let folder = try TestFolder()
    let digest = try folder.writeModel("a", text: "first")
    #expect(try folder.writeModel("b", text: "second") == digest)
    #expect(try folder.writeModel("c", weights: [1, 2, 4]) != digest)
  }

  @Test func `a model without files has its description`() throws {
    let folder = try TestFolder()
    try ModelDirectoryWriter(destination: folder.file("m"))
      .finish(Note(text: "", auc: 0), productVersion: "1")
    let model = try ModelDirectory(opening: folder.file("m"))
    #expect(model.files.isEmpty)
    #expect(throws: ModelFileError.self) { try model.model(as: [String].self) }
  }

  @Test func `a slash at the end and a name without folder are fine`() throws {
    let folder = try TestFolder()
    try folder.writeModel("model/")
    _ = try ModelDirectory(opening: folder.file("model/"))
    #expect(try folder.names == ["model"])
  }
}

struct ModelDirectoryDamageTests {
  @Test func `one altered bit of any byte is found`() throws {
    let folder = try TestFolder()
    try folder.writeModel()
    for name in ["model.json", "weights.safetensors", "vocabularies/user_id"] {
      let original = try folder.read("model/\(name)")
      for index in original.indices {
        var changed = original
        changed[index] ^= 1
        try folder.write(changed, to: "model/\(name)")
        #expect(throws: ModelFileError.self, "byte \(index) of \(name)") {
          try ModelDirectory(opening: folder.file("model"))
        }
      }
      try folder.write(original, to: "model/\(name)")
    }
    _ = try ModelDirectory(opening: folder.file("model"))
  }

  @Test func `a truncated, lengthened or missing file is found without reading it`() throws {
    let folder = try TestFolder()
    try folder.writeModel()
    let path = folder.file("model")
    func open() throws -> ModelDirectory { try ModelDirectory(opening: path, verifying: false) }
    try folder.write([1, 2], to: "model/weights.safetensors")
    let short = "weights.safetensors has 2 bytes instead of 3"
    #expect(throws: ModelFileError.damaged(path, reason: short)) { try open() }
    try folder.write([1, 2, 3, 4], to: "model/weights.safetensors")
    #expect(throws: ModelFileError.self) { try open() }
    try FileManager.default.removeItem(atPath: path + "/weights.safetensors")
    #expect(throws: ModelFileError.missingFile(path, name: "weights.safetensors")) { try open() }
  }

  @Test func `what is no model is called so`() throws {
    let folder = try TestFolder()
    let path = folder.file("model")
    #expect(throws: ModelFileError.absent(path)) { try ModelDirectory(opening: path) }
    try folder.write([1], to: "model")
    #expect(throws: ModelFileError.notAModel(path)) { try ModelDirectory(opening: path) }
    #expect(throws: ModelFileError.notAModel(folder.path)) {
      try ModelDirectory(opening: folder.path)
    }
  }

  @Test(arguments: ["", "{", "[]", "null", "{}", #"{"format_version": "1"}"#, "\u{0}"])
  func `a malformed description is refused`(json: String) throws {
    let folder = try TestFolder()
    try folder.writeModel()
    try folder.write(Array(json.utf8), to: "model/model.json")
    let expected = ModelFileError.damaged(
      folder.file("model"), reason: "model.json is no JSON of a model")
    #expect(throws: expected) { try ModelDirectory(opening: folder.file("model")) }
  }

  @Test func `a later format is named, whatever else it holds`() throws {
    let folder = try TestFolder()
    try folder.writeModel()
    try folder.write(Array(#"{"format_version": 2, "files": 7}"#.utf8), to: "model/model.json")
    let path = folder.file("model")
    #expect(throws: ModelFileError.newerFormat(path, found: 2, supported: 1)) {
      try ModelDirectory(opening: path)
    }
  }

  @Test func `every error is one line`() {
    let errors: [ModelFileError] = [
      .absent("p"), .notAModel("p"), .missingFile("p", name: "n"), .damaged("p", reason: "r"),
      .newerFormat("p", found: 2, supported: 1), .exists("p"), .foreignDestination("p"),
      .mismatch("p", tensor: "t", reason: "r"), .badName("p", reason: "r"),
      .unwritableDescription("p", reason: "r"), .noRoom("p", reason: "r"),
      .system("p", reason: "r"),
    ]
    for error in errors {
      #expect(error.description.contains("p") && !error.description.contains("\n"))
    }
  }
}
