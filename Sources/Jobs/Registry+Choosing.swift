internal import Foundation
internal import ModelFiles
internal import PostgresLogs
public import RunConfiguration

extension Registry {
  /// Finds the model that a command is about.
  ///
  /// A name is a directory; a whole number that is no directory is a version of `output.name`. Without
  /// a name it is the current model of `output.name`; where none ever was current, or the registry
  /// can't be read, it is the newest directory in `output.models` that the gate did not refuse.
  ///
  /// - Throws: ``JobError/unknown(_:)`` where there is no such model, ``RegistryError`` where its
  ///   directory is deleted or holds another one, and what keeps the database from answering.
  public func choice(
    _ named: String?, of output: RunConfiguration.Output
  ) throws -> ModelChoice {
    guard let named else { return try choice(of: output) }
    guard !FileManager.default.fileExists(atPath: named), let version = Self.version(named) else {
      return ModelChoice(named)
    }
    let models = try booksIfAny()?.models(name: output.name) ?? []
    guard let model = models.first(where: { $0.version == version }) else {
      throw JobError.unknown("no version \(named) of \(output.name); paretorank models lists them")
    }
    guard model.state.isKept else {
      throw RegistryError.pruned(version: version, name: output.name)
    }
    return ModelChoice(
      try place(of: model, output), version: version,
      reason: "version \(version) of \(output.name), \(model.state.rawValue)")
  }

  private func choice(of output: RunConfiguration.Output) throws -> ModelChoice {
    var models: [Bookkeeping.Model] = []
    var why = "no model of \(output.name) was ever current"
    do {
      models = try booksIfAny()?.models(name: output.name) ?? []
    } catch let error as PostgresError where error.isRefusal {
      why = "the registry can't be read: \(error)"
    }
    if let current = models.first(where: { $0.state == .current }) {
      return ModelChoice(
        try place(of: current, output), version: current.version,
        reason: "version \(current.version), the current model of \(output.name)")
    }
    let refused = Set(models.filter { $0.state == .refused }.map(\.path))
    if let path = ModelNames.newest(output, besides: refused) {
      let version = models.first { $0.path == ModelNames.absolute(path) }?.version
      return ModelChoice(
        path, version: version,
        reason: (version.map { "version \($0), " } ?? "") + "the newest directory; \(why)")
    }
    guard ModelNames.newest(output) == nil else {
      throw JobError.unknown(
        "the gate refused every model of \(output.name); paretorank models promote VERSION makes "
          + "one the current model all the same")
    }
    throw JobError.unknown(
      "there is no model \(output.name) in \(output.models) yet; paretorank train makes one")
  }

  /// As ``books()``, and starts no private server to find that it has none.
  private func booksIfAny() throws -> Bookkeeping? { location.isThere ? try books() : nil }

  private static func version(_ text: String) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
  }

  /// Where a model's directory is: where it was noted, or else, as on another machine, under the same
  /// name in `output.models`.
  private func place(
    of model: Bookkeeping.Model, _ output: RunConfiguration.Output
  ) throws -> String {
    let name = URL(fileURLWithPath: model.path).lastPathComponent
    let places = [model.path, "\(output.models)/\(name)"]
    let isThere = { ModelDirectory.state(of: $0, digest: model.digest) == .there }
    if let place = places.first(where: isThere) { return place }
    switch ModelDirectory.state(of: model.path, digest: model.digest) {
    case .missing:
      throw JobError.unknown(
        "the directory of version \(model.version) of \(model.name) is missing: \(model.path); "
          + "put it there, or name another model")
    case .other:
      throw RegistryError.changed(version: model.version, name: model.name, path: model.path)
    case .there, .damaged: return model.path  // Reading it tells what is wrong.
    }
  }
}

extension PostgresError {
  /// Whether a server answered and would not let the registry be read.
  fileprivate var isRefusal: Bool {
    switch self {
    case .notAllowed: true
    case .server: !isUnreachable
    default: false
    }
  }
}
