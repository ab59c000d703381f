import Files
import Glibc

/// Why a column file can't be written or used.
public enum ColumnFileError: Error, Equatable, CustomStringConvertible {
  /// There is no such file.
  case absent(String)
  /// The file was made from other data or settings.
  case otherKey(String)
  /// The file isn't one, or was cut short or changed.
  case damaged(String, reason: String)
  /// Another process is writing the file at this moment.
  case busy(String)
  /// The disk or the quota is used up.
  case diskFull(String)
  /// The system refused to read or write.
  case system(String, reason: String)

  /// One line to act on.
  public var description: String {
    switch self {
    case .absent(let path): "\(path): no such column file"
    case .otherKey(let path): "\(path) was made from other data or settings; build it again"
    case .damaged(let path, let reason): "\(path) is damaged (\(reason)); build it again"
    case .busy(let path): "another process is writing \(path)"
    case .diskFull(let path): "\(path): the disk is full; make room or choose another folder"
    case .system(let path, let reason): "\(path): \(reason)"
    }
  }

  /// The error for the system call that failed last.
  static func last(_ path: String, code: Int32 = errno) -> ColumnFileError {
    let path = BuildingFolder.destination(of: path)
    switch code {
    case ENOENT: return .absent(path)
    case ENOSPC, EDQUOT: return .diskFull(path)
    default: return unsafe .system(path, reason: String(cString: strerror(code)))
    }
  }

  /// The error for a problem with the file at `path`.
  init(_ problem: FileProblem, _ path: String) {
    switch problem {
    case .notAFile: self = .damaged(path, reason: "not a file")
    case .system(let code): self = .last(path, code: code)
    }
  }
}
