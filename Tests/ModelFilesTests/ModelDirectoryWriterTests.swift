import Foundation
import ModelFiles
import Testing

struct ModelDirectoryWriterTests {
  @Test func `an existing model is replaced only when asked`() throws {
    let folder = try TestFolder()
    let path = folder.file("model")
    let old = try folder.writeModel()
    #expect(throws: ModelFileError.exists(path)) { try folder.writeModel() }
    #expect(try ModelDirectory(opening: path).digest == old)
    let new = try folder.writeModel(weights: [9], text: "second", replacing: true)
    let model = try ModelDirectory(opening: path)
    #expect(model.digest == new && new != old)
    #expect(try model.model(as: Note.self).text == "second")
    #expect(try folder.names == ["model"])
  }

  @Test func `an empty folder may become the model`() throws {
    let folder = try TestFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("model"), withIntermediateDirectories: false)
    try folder.writeModel()
    _ = try ModelDirectory(opening: folder.file("model"))
  }

  @Test func `what is no model is never replaced`() throws {
    let folder = try TestFolder()
    let path = folder.file("photos")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try folder.write([1], to: "photos/cat")
    try folder.write([1], to: "file")
    for name in ["photos", "file"] {
      #expect(throws: ModelFileError.foreignDestination(folder.file(name))) {
        try ModelDirectoryWriter(destination: folder.file(name), replacing: true)
      }
    }
    #expect(try folder.read("photos/cat") == [1])
    #expect(try folder.names == ["file", "photos"])
  }

  @Test func `who comes second to finish is told and leaves nothing`() throws {
    let folder = try TestFolder()
    let late = try ModelDirectoryWriter(destination: folder.file("model"))
    let digest = try folder.writeModel()
    #expect(throws: ModelFileError.exists(folder.file("model"))) {
      try late.finish(Note(text: "late", auc: 0), productVersion: "1")
    }
    #expect(try ModelDirectory(opening: folder.file("model")).digest == digest)
    #expect(try folder.names == ["model"])
  }

  @Test func `a discarded or abandoned model leaves nothing`() throws {
    let folder = try TestFolder()
    do {
      let writer = try ModelDirectoryWriter(destination: folder.file("model"))
      try writer.write([1], to: "a/b/c")
      #expect(try folder.names.count == 1)
      #expect(try folder.names[0].hasPrefix(".model.partial-\(getpid())-"))
    }
    #expect(try folder.names.isEmpty)
    let writer = try ModelDirectoryWriter(destination: folder.file("model"))
    writer.discard()
    #expect(try folder.names.isEmpty)
  }

  @Test func `leftovers of killed writers go, those of living ones and others' files stay`() throws
  {
    let folder = try TestFolder()
    let living = try ModelDirectoryWriter(destination: folder.file("living"))
    let leftovers = [".model.partial-1-0123abcd", ".other.partial-\(getpid())-0123abcd"]
    for name in leftovers {
      try FileManager.default.createDirectory(
        atPath: folder.file(name + "/vocabularies"), withIntermediateDirectories: true)
      try folder.write([1], to: name + "/vocabularies/x")
    }
    try folder.write([1], to: ".scores.csv.partial-1-0123abcd")
    let others = [".model.partial-1", "model.partial-1-0123abcd", ".partial-1-0123abcd"]
    for name in others { try folder.write([1], to: name) }
    try folder.writeModel()
    try living.finish(Note(text: "", auc: 0), productVersion: "1")
    #expect(try folder.names == (others + ["living", "model"]).sorted())
  }

  @Test func `a killed writer leaves the old model, and a leftover for the next to remove`()
    async throws
  {
    let folder = try TestFolder()
    let digest = try folder.writeModel()
    let path = folder.file("model")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let writer = try ModelDirectoryWriter(destination: path, replacing: true)
      try writer.write([1, 2, 3, 4], to: "weights.safetensors")
      kill(getpid(), SIGKILL)
    }
    #expect(try folder.names.count == 2)
    #expect(try ModelDirectory(opening: path).digest == digest)
    try CSVWriter(replacing: folder.file("scores.csv"), columns: ["item"]).finish()
    #expect(try folder.names == ["model", "scores.csv"])
  }

  @Test func `a link among the leftovers is not followed`() throws {
    let folder = try TestFolder()
    let leftover = folder.file(".model.partial-1-0123abcd")
    try FileManager.default.createDirectory(
      atPath: folder.file("precious"), withIntermediateDirectories: true)
    try folder.write([1], to: "precious/x")
    try FileManager.default.createDirectory(atPath: leftover, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: leftover + "/link", withDestinationPath: folder.file("precious"))
    try folder.writeModel()
    #expect(try folder.names == ["model", "precious"])
    #expect(try folder.read("precious/x") == [1])
  }

  @Test(arguments: ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "model.json"])
  func `a file outside of the model is refused`(name: String) throws {
    let folder = try TestFolder()
    let writer = try ModelDirectoryWriter(destination: folder.file("model"))
    #expect(throws: ModelFileError.self) { try writer.path(for: name) }
  }

  @Test func `a folder that isn't there is named`() throws {
    let folder = try TestFolder()
    let path = folder.file("nowhere/model")
    let reason = "its folder \(folder.file("nowhere")) doesn't exist"
    #expect(throws: ModelFileError.system(path, reason: reason)) {
      try ModelDirectoryWriter(destination: path)
    }
    #expect(throws: ModelFileError.self) { try ModelDirectoryWriter(destination: "") }
    #expect(throws: ModelFileError.self) { try ModelDirectoryWriter(destination: "/") }
  }

  @Test func `writers at the same time don't hinder each other`() async throws {
    let folder = try TestFolder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<16 {
        let destination = folder.file("model\(index)")
        group.addTask {
          for _ in 0..<8 {
            let writer = try ModelDirectoryWriter(destination: destination, replacing: true)
            try writer.write([UInt8(index)], to: "weights.safetensors")
            try writer.finish(Note(text: "", auc: 0), productVersion: "1")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.names == (0..<16).map { "model\($0)" }.sorted())
    for index in 0..<16 { _ = try ModelDirectory(opening: folder.file("model\(index)")) }
  }
}
