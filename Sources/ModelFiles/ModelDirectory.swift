import Files
import Glibc

/// A model on disk that was found whole.
public struct ModelDirectory: Sendable {
  /// The directory.
  public let path: String
  /// The files by their names inside of the model, `model.json` left out.
  public let files: [String: ModelFileRecord]
  /// One number for the contents of all files but `model.json`: equal weights, state and
  /// vocabularies have equal digests, whatever the model says about itself.
  ///
  /// The SHA-256 of a line `CHECKSUM  NAME` for each file, sorted by name, 64 hexadecimal digits.
  public let digest: String
  /// The version of the program that wrote the model.
  public let productVersion: String
  private let json: [UInt8]

  /// Opens the model at `path`.
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - verifying: Whether to read all files once and hold them against their checksums; else
  ///     their sizes must do.
  /// - Throws: ``ModelFileError`` where there is no model, or not all of it.
  /// - Complexity: O(bytes) if verifying.
  public init(opening path: String, verifying: Bool = true) throws(ModelFileError) {
    self.path = path
    switch try kind(ofPath: path) {
    case .nothing: throw .absent(path)
    case .file, .other: throw .notAModel(path)
    case .folder: break
    }
    guard try kind(ofPath: "\(path)/\(ModelManifest.name)") == .file else {
      throw .notAModel(path)
    }
    json = try readFile("\(path)/\(ModelManifest.name)")
    let manifest = try ModelManifest(json, path: path)
    files = manifest.files
    digest = manifest.digest
    productVersion = manifest.productVersion
    for (name, expected) in files.sorted(by: { $0.key < $1.key }) {
      try check(name, expected, verifying: verifying)
    }
  }

  /// What `model.json` says about the model.
  ///
  /// - Throws: ``ModelFileError/damaged(_:reason:)`` where it says something else.
  public func model<Model: Decodable>(
    as type: Model.Type = Model.self
  ) throws(ModelFileError) -> Model {
    try ModelManifest.model(type, in: json, path: path)
  }

  /// Where the file `name` lies.
  ///
  /// - Throws: ``ModelFileError/missingFile(_:name:)`` where the model has none of that name.
  public func path(for name: String) throws(ModelFileError) -> String {
    guard files[name] != nil else { throw .missingFile(path, name: name) }
    return "\(path)/\(name)"
  }

  /// The contents of the file `name`.
  ///
  /// - Throws: ``ModelFileError`` where there is none or it can't be read.
  public func bytes(of name: String) throws(ModelFileError) -> [UInt8] {
    try readFile(path(for: name))
  }

  private func check(
    _ name: String, _ expected: ModelFileRecord, verifying: Bool
  ) throws(ModelFileError) {
    let file = "\(path)/\(name)"
    guard try kind(ofPath: file) == .file else { throw .missingFile(path, name: name) }
    var status = stat()
    guard unsafe stat(file, &status) == 0 else { throw .last(file) }
    guard Int(status.st_size) == expected.bytes else {
      throw .damaged(
        path, reason: "\(name) has \(status.st_size) bytes instead of \(expected.bytes)")
    }
    guard verifying else { return }
    guard try ModelFileRecord(ofFile: file, synchronising: false) == expected else {
      throw .damaged(path, reason: "\(name) was changed")
    }
  }
}

/// A whole file.
private func readFile(_ path: String) throws(ModelFileError) -> [UInt8] {
  let file = try mapped(path)
  return unsafe Array(file.bytes)
}
