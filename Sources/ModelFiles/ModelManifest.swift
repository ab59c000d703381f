internal import Foundation

/// The size and checksum of a file of a model.
public struct ModelFileRecord: Codable, Sendable, Equatable {
  /// The size in bytes.
  public let bytes: Int
  /// The SHA-256 of the contents, 64 hexadecimal digits.
  public let sha256: String
}

/// What `model.json` says, apart from the part that the caller gives.
struct ModelManifest: Codable, Equatable {
  /// The SHA-256 of `model.json` itself, with zeros in the place of these digits.
  var checksum: String
  /// See ``ModelDirectory/digest``.
  var digest: String
  var files: [String: ModelFileRecord]
  var formatVersion: Int
  var productVersion: String

  static let name = "model.json"
  /// Later versions of the program read this format and all before.
  static let supportedVersion = 1
  private static let noChecksum = String(repeating: "0", count: 64)

  enum CodingKeys: String, CodingKey {
    case checksum, digest, files
    case formatVersion = "format_version"
    case productVersion = "product_version"
  }

  init(files: [String: ModelFileRecord], productVersion: String) {
    checksum = Self.noChecksum
    digest = Self.digest(of: files)
    self.files = files
    formatVersion = Self.supportedVersion
    self.productVersion = productVersion
  }

  /// One number for all files: the SHA-256 of a line `CHECKSUM  NAME` for each, sorted by name.
  static func digest(of files: [String: ModelFileRecord]) -> String {
    let lines = files.sorted { $0.key < $1.key }.map { "\($0.value.sha256)  \($0.key)\n" }
    return SHA256.hexadecimal(of: Array(lines.joined().utf8))
  }

  // MARK: Writing

  /// The bytes of `model.json`, its own checksum included.
  func encoded(with model: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    // A metric of a task without positives is no number.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var bytes = try Array(encoder.encode(WithModel(manifest: self, model: model)))
    bytes.append(UInt8(ascii: "\n"))
    let checksum = SHA256.hexadecimal(of: bytes)
    if let place = bytes.firstRange(of: Self.noChecksum.utf8) {
      bytes.replaceSubrange(place, with: checksum.utf8)
    }
    return bytes
  }

  private struct WithModel<Model: Encodable>: Encodable {
    var manifest: ModelManifest
    var model: Model

    enum CodingKeys: String, CodingKey { case model }

    func encode(to encoder: any Encoder) throws {
      try manifest.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(model, forKey: .model)
    }
  }

  // MARK: Reading

  /// Reads `model.json` of the model at `path` and holds it against its checksum.
  init(_ bytes: [UInt8], path: String) throws(ModelFileError) {
    struct Version: Decodable {
      var formatVersion: Int
      enum CodingKeys: String, CodingKey { case formatVersion = "format_version" }
    }
    let decoder = JSONDecoder()
    // The version first: all else may look different in a later one.
    guard let version = try? decoder.decode(Version.self, from: Data(bytes)) else {
      throw .damaged(path, reason: "model.json is no JSON of a model")
    }
    guard version.formatVersion <= Self.supportedVersion else {
      throw .newerFormat(
        path, found: version.formatVersion, supported: Self.supportedVersion)
    }
    guard version.formatVersion > 0,
      let manifest = try? decoder.decode(ModelManifest.self, from: Data(bytes))
    else { throw .damaged(path, reason: "model.json lacks a part") }
    self = manifest
    var original = bytes
    guard checksum.utf8.count == 64, let place = original.firstRange(of: checksum.utf8) else {
      throw .damaged(path, reason: "model.json was changed")
    }
    original.replaceSubrange(place, with: Self.noChecksum.utf8)
    guard SHA256.hexadecimal(of: original) == checksum, digest == Self.digest(of: files) else {
      throw .damaged(path, reason: "model.json was changed")
    }
    for name in files.keys where !isModelFileName(name) {
      throw .damaged(path, reason: "model.json names a file outside of the model")
    }
  }

  /// The caller's part.
  static func model<Model: Decodable>(
    _ type: Model.Type, in bytes: [UInt8], path: String
  ) throws(ModelFileError) -> Model {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return try decoder.decode(Part<Model>.self, from: Data(bytes)).model } catch {
      throw .damaged(
        path, reason: "model.json describes a model in another way: \(place(of: error))")
    }
  }

  private struct Part<Model: Decodable>: Decodable { var model: Model }

  /// Where in the JSON, and what, is wrong.
  private static func place(of error: any Error) -> String {
    let context: DecodingError.Context
    switch error {
    case DecodingError.keyNotFound(let key, _): return "it lacks \(key.stringValue)"
    case DecodingError.typeMismatch(_, let found), DecodingError.valueNotFound(_, let found),
      DecodingError.dataCorrupted(let found):
      context = found
    default: return "\(error)"
    }
    return context.codingPath.map(\.stringValue).joined(separator: ".")
  }
}

/// Whether a name is that of a file inside of a model, such as `vocabularies/user_id`.
func isModelFileName(_ name: String) -> Bool {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  return parts.allSatisfy { part in
    !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 200
      && !part.unicodeScalars.contains { $0.value == 0 }
  } && name != ModelManifest.name
}
