import Files
import Glibc

/// Writes a model: a directory that appears under its name when all of it is on the disk.
///
/// Until ``finish(_:productVersion:)`` the files lie in a hidden folder beside the destination. It
/// disappears with this object, or, where the process was killed, when the next model is written
/// beside it.
public final class ModelDirectoryWriter {
  private let destination: String
  private let replaces: Bool
  private var entry: PartialEntry?

  /// Begins a model.
  ///
  /// - Parameters:
  ///   - destination: Where it belongs; the folder around it exists.
  ///   - replaces: Whether it takes the place of a model that is there already. Anything else that
  ///     is there is never replaced.
  /// - Throws: ``ModelFileError``, at once where `destination` is taken.
  public init(destination: String, replacing replaces: Bool = false) throws(ModelFileError) {
    let (folder, name) = splitPath(destination)
    self.destination = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    self.replaces = replaces
    _ = try Self.isTaken(self.destination, replaces: replaces)
    let place = self.destination
    entry = try ModelFileError.placing(place) { () throws(PartialEntryProblem) in
      try PartialEntry(.folder, for: place)
    }
  }

  /// Where to write the file `name`, such as `vocabularies/user_id`; makes the folders around it.
  ///
  /// - Throws: ``ModelFileError/badName(_:reason:)`` where it would lie outside of the model.
  public func path(for name: String) throws(ModelFileError) -> String {
    let root = root
    guard isModelFileName(name) else {
      throw .badName(name, reason: "it isn't that of a file inside of a model")
    }
    var folder = root
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      guard unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw .last(destination) }
    }
    return "\(root)/\(name)"
  }

  /// Writes the file `name`.
  public func write(_ bytes: [UInt8], to name: String) throws(ModelFileError) {
    let file = try OutputFile(replacing: path(for: name))
    try file.append(bytes)
    try file.finish()
  }

  /// Completes the model and gives it its name.
  ///
  /// - Parameters:
  ///   - model: What `model.json` says about the model.
  ///   - productVersion: The version of the program that writes it.
  /// - Returns: The model's digest; see ``ModelDirectory/digest``.
  /// - Throws: ``ModelFileError``; then nothing of the model is left, and what was at the
  ///   destination is as it was.
  @discardableResult
  public func finish(
    _ model: some Encodable, productVersion: String
  ) throws(ModelFileError) -> String {
    let root = root
    defer { discard() }
    var files: [String: ModelFileRecord] = [:]
    try record("", in: root, into: &files)
    let manifest = ModelManifest(files: files, productVersion: productVersion)
    let bytes: [UInt8]
    do { bytes = try manifest.encoded(with: model) } catch {
      throw .unwritableDescription(destination, reason: "\(error)")
    }
    let file = try OutputFile(replacing: "\(root)/\(ModelManifest.name)")
    try file.append(bytes)
    try file.finish()
    let isTaken = try Self.isTaken(destination, replaces: replaces)
    try ModelFileError.placing(destination) { () throws(PartialEntryProblem) in
      if isTaken {
        try entry?.exchange(with: destination)
      } else {
        try entry?.move(to: destination)
      }
    }
    return manifest.digest
  }

  /// Removes what was written so far.
  public func discard() { entry = nil }

  private var root: String {
    guard let entry else { preconditionFailure("a model that is finished or discarded") }
    return entry.path
  }

  /// Records the files of a folder, and waits until the disk has them.
  private func record(
    _ prefix: String, in folder: String, into files: inout [String: ModelFileRecord]
  ) throws(ModelFileError) {
    for name in entryNames(in: folder) {
      let path = "\(folder)/\(name)"
      switch try kind(ofPath: path) {
      case .folder: try record("\(prefix)\(name)/", in: path, into: &files)
      case .file: files[prefix + name] = try ModelFileRecord(ofFile: path, synchronising: true)
      case .nothing, .other: throw .badName(prefix + name, reason: "it is no file")
      }
    }
    try ModelFileError.placing(folder) { () throws(PartialEntryProblem) in
      try waitForNames(in: folder)
    }
  }

  /// Whether something lies at `destination` that may be replaced.
  private static func isTaken(
    _ destination: String, replaces: Bool
  ) throws(ModelFileError) -> Bool {
    switch try kind(ofPath: destination) {
    case .nothing: return false
    case .file, .other: throw .foreignDestination(destination)
    case .folder: break
    }
    if try isEmptyFolder(destination) { return false }
    guard replaces else { throw .exists(destination) }
    guard try kind(ofPath: "\(destination)/\(ModelManifest.name)") == .file else {
      throw .foreignDestination(destination)
    }
    return true
  }
}

extension ModelFileRecord {
  /// Reads a whole file, and waits until the disk has it if asked.
  init(ofFile path: String, synchronising: Bool) throws(ModelFileError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last(path) }
    defer { close(descriptor) }
    guard !synchronising || fsync(descriptor) == 0 else { throw .last(path) }
    var sum = SHA256()
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { buffer in
        let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 {
          unsafe sum.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return count
      }
      if count == 0 { break }
      guard count > 0 || errno == EINTR else { throw .last(path) }
      total += max(count, 0)
    }
    self.init(bytes: total, sha256: sum.hexadecimal)
  }
}
