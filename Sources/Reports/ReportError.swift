internal import Files
internal import Glibc

/// Why a report can't be written.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// The program that draws plots isn't there.
  case noGnuplot
  /// gnuplot failed at a plot.
  case drawing(plot: String, reason: String)
  /// Something other than an earlier report is at the destination, which is not replaced.
  case foreignDestination(String)
  /// The system refused to write.
  case system(String, reason: String)

  /// One line to act on.
  public var description: String {
    switch self {
    case .noGnuplot: "gnuplot is not installed: apt-get install gnuplot-nox"
    case .drawing(let plot, let reason): "gnuplot can't draw \(plot): \(reason)"
    case .foreignDestination(let path):
      "\(path) exists and is no report, so it is not replaced; choose another directory"
    case .system(let path, let reason): "\(path): \(reason)"
    }
  }

  /// The error for the system call that failed last.
  static func last(_ path: String, code: Int32 = errno) -> ReportError {
    unsafe .system(path, reason: String(cString: strerror(code)))
  }

  /// The error for a problem with placing `path`.
  init(_ problem: PartialEntryProblem, _ path: String) {
    switch problem {
    case .noName: self = .system(path, reason: "it doesn't end with a name")
    case .noFolder(let folder):
      self = .system(path, reason: "its folder \(folder) doesn't exist")
    case .taken: self = .foreignDestination(path)
    case .system(let code): self = .last(path, code: code)
    }
  }
}
