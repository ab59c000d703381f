/// Why the registry of runs and models doesn't do what it was asked.
public enum RegistryError: Error, Equatable {
  case unknownRun(Int)
  /// No model has this name.
  case unknownName(String, known: [String])
  /// A name has no model of this version.
  case unknownVersion(Int, name: String, known: [Int])
  /// The model's directory is deleted, or about to be.
  case pruned(version: Int, name: String)
  /// A name has no current model.
  case noCurrentModel(name: String)
  /// No model was current before the current one, or all that were are deleted.
  case nothingBefore(version: Int, name: String)
  /// A model that one can't go back to, because it never was the current one.
  case neverCurrent(version: Int, name: String)
  /// The gate refused the model, and nobody said why it is to be used all the same.
  case refused(version: Int, name: String, reason: String?)
  /// What lies in the model's directory is another model.
  case changed(version: Int, name: String, path: String)
  /// A run that came to its end can't be taken over, refused or abandoned.
  case ended(run: Int)
  /// The run has published its scores already, as this version.
  case published(run: Int, version: Int)
}

extension RegistryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownRun(let run): "there is no run \(run); paretorank runs lists them"
    case .unknownName(let name, let known):
      "there is no model \(name)"
        + (known.isEmpty ? "; no model is noted yet" : "; there are \(Self.list(known))")
    case .unknownVersion(let version, let name, let known):
      "there is no model version \(version) of \(name)"
        + (known.isEmpty ? "; there is none yet" : "; there are \(Self.list(known))")
    case .pruned(let version, let name):
      "version \(version) of \(name) was pruned; its directory is deleted"
    case .noCurrentModel(let name):
      "\(name) has no current model; paretorank models promote VERSION makes one"
    case .nothingBefore(let version, let name):
      "no model of \(name) that is still there was current before version \(version); "
        + "paretorank models promote VERSION takes any"
    case .neverCurrent(let version, let name):
      "version \(version) of \(name) was never current; "
        + "paretorank models promote \(version) makes it so"
    case .refused(let version, let name, let reason):
      "version \(version) of \(name) was refused" + (reason.map { " (\($0))" } ?? "")
        + "; --reason TEXT promotes it all the same"
    case .changed(let version, let name, let path):
      "\(path) is not the model that version \(version) of \(name) was; "
        + "put the right directory there, or take another version"
    case .ended(let run): "run \(run) has ended already; paretorank runs show \(run) tells how"
    case .published(let run, let version):
      "run \(run) has published its scores already, as version \(version)"
    }
  }

  /// The first few, and that there are more.
  private static func list(_ known: [some CustomStringConvertible]) -> String {
    let shown = known.prefix(20).map { "\($0)" }.joined(separator: ", ")
    return known.count > 20 ? shown + ", …" : shown
  }
}
