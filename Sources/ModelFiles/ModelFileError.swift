import Files
import Glibc

/// Why a model, or another file that goes with one, can't be written or used.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
  /// There is nothing of that name.
  case absent(String)
  /// A directory that is there but holds no model.
  case notAModel(String)
  /// A model lacks one of its files.
  case missingFile(String, name: String)
  /// A file was cut short or changed, or is of another kind.
  case damaged(String, reason: String)
  /// A later version of the program wrote the model.
  case newerFormat(String, found: Int, supported: Int)
  /// There is a model already, and nobody asked to replace it.
  case exists(String)
  /// What lies at the destination is nothing that this program wrote.
  case foreignDestination(String)
  /// The files fit a network other than this one.
  case mismatch(String, tensor: String, reason: String)
  /// Two tensors of one name, or a name that files can't hold.
  case badName(String, reason: String)
  /// A description of the model that JSON can't hold.
  case unwritableDescription(String, reason: String)
  /// The disk, the quota or the limit on file sizes is used up.
  case noRoom(String, reason: String)
  /// The system refused to read or write.
  case system(String, reason: String)

  /// One line to act on.
  public var description: String {
    switch self {
    case .absent(let path): "\(path): no such file or directory"
    case .notAModel(let path):
      "\(path) is no model: it holds no model.json; name a directory that training wrote"
    case .missingFile(let path, let name):
      "\(path) lacks its file \(name); copy the whole model again or train anew"
    case .damaged(let path, let reason):
      "\(path) is damaged (\(reason)); copy the whole model again or train anew"
    case .newerFormat(let path, let found, let supported):
      "\(path) has model format \(found), this version reads up to \(supported); update paretorank"
    case .exists(let path): "\(path) exists already; choose another name"
    case .foreignDestination(let path):
      "\(path) exists and is not of the kind to be written, so it is not replaced; "
        + "choose another name"
    case .mismatch(let path, let tensor, let reason):
      "\(path) doesn't fit the network: tensor \(tensor) \(reason); "
        + "use the configuration that the model was trained with"
    case .badName(let name, let reason): "the name \(name) can't be used: \(reason)"
    case .unwritableDescription(let path, let reason):
      "\(path): the model's description can't be written: \(reason)"
    case .noRoom(let path, let reason):
      "\(path): no room to write (\(reason)); make room or choose another folder"
    case .system(let path, let reason): "\(path): \(reason)"
    }
  }

  /// The error for the system call that failed last.
  static func last(_ path: String, code: Int32 = errno) -> ModelFileError {
    let path = PartialEntry.destination(of: path)
    let reason = unsafe String(cString: strerror(code))
    switch code {
    case ENOENT: return .absent(path)
    case ENOSPC, EDQUOT, EFBIG: return .noRoom(path, reason: reason)
    default: return .system(path, reason: reason)
    }
  }

  /// The error for a problem with the file at `path`.
  init(_ problem: FileProblem, _ path: String) {
    switch problem {
    case .notAFile: self = .damaged(path, reason: "not a file")
    case .system(let code): self = .last(path, code: code)
    }
  }

  /// Does what makes or places an entry for `destination`.
  static func placing<R>(
    _ destination: String, _ body: () throws(PartialEntryProblem) -> R
  ) throws(ModelFileError) -> R {
    do { return try body() } catch {
      switch error {
      case .noName: throw .badName(destination, reason: "it doesn't end with a name")
      case .noFolder(let folder):
        throw .system(destination, reason: "its folder \(folder) doesn't exist")
      case .taken: throw .exists(destination)
      case .system(let code): throw .last(destination, code: code)
      }
    }
  }
}
