import ArgumentParser
import ColumnFiles
import Combiners
import Foundation
import Interactions
import Jobs
import ModelFiles
import PostgresLogs
import Reports
import RunConfiguration
import ShopSimulation
import Training
import Tuning

/// What the command's exit status says, after `sysexits.h` where that has a number.
enum ExitStatus: Int32 {
  case failed = 1
  /// The gate refused the model.
  case refused = 3
  /// Bad usage or configuration.
  case usage = 64
  case badData = 65
  /// The database is not reachable.
  case unavailable = 69
  /// Another run holds the lock.
  case locked = 75
}

/// An error as the command reports it.
struct Failure {
  let status: ExitStatus
  /// What to say, one line for each mistake.
  let lines: [String]

  init(_ error: any Error) {
    status = Self.status(of: error)
    lines = Self.text(of: error).split(whereSeparator: \.isNewline).map(String.init)
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case let error as ValidationError: return error.message
    case let error as DecodingError: return "unreadable JSON: \(error.line)"
    case let error as any Error & CustomStringConvertible where !(type(of: error) is NSError.Type):
      return error.description
    default: return error.localizedDescription
    }
  }

  private static func status(of error: any Error) -> ExitStatus {
    switch error {
    case CombinerError.lossNotPositive: .badData
    case is ConfigurationError, is ValidationError, is FormulaError, is SettingsError,
      is CombinerError, is SearchSpaceError:
      .usage
    case let error as LogEncodingError: error.status
    case let error as SplitError: error.status
    case let error as PostgresError: error.status
    case let error as JobError: error.status
    case let error as ModelFileError: error.status
    case let error as TrainingError: error.status
    case let error as ReportError: error.status
    case is RegistryError: .usage
    case let error as CheckFailure: error.status
    case is GateRefusal: .refused
    case ColumnFileError.busy: .locked
    default: .failed
    }
  }
}

extension DecodingError {
  /// What is wrong, in one line.
  var line: String {
    switch self {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      context.debugDescription
    @unknown default: "not as expected"
    }
  }
}

extension LogEncodingError {
  /// Names are the configuration's, types and values the data's.
  fileprivate var status: ExitStatus {
    switch self {
    case .missingColumn, .duplicateName, .unknownTable, .unknownPart, .badParent, .badFeature:
      .usage
    case .wrongKind, .badValue, .tooManyRows: .badData
    }
  }
}

extension SplitError {
  fileprivate var status: ExitStatus {
    switch self {
    case .noRows, .emptyPart: .badData
    case .wrongOrder, .badSize: .usage
    }
  }
}

extension PostgresError {
  fileprivate var status: ExitStatus {
    if isUnreachable { return .unavailable }
    if isMissingTable || isMissingColumn { return .usage }
    switch self {
    case .badConnectionString: return .usage
    case .badValue, .unsupportedType, .wrongKind: return .badData
    case .server(let state, _, _, _):
      if [.syntaxError, .undefinedSchema].contains(state) { return .usage }
      // Class 22 is “data exception”: a value that a query's cast or arithmetic can't take.
      return state.rawValue.hasPrefix("22") ? .badData : .failed
    default: return .failed
    }
  }
}

extension JobError {
  fileprivate var status: ExitStatus {
    switch self {
    case .noRows, .badData: .badData
    case .missingConfiguration, .unknown, .badWeights, .exists: .usage
    case .locked, .busy: .locked
    case .cancelled, .notKept: .failed
    }
  }
}

extension ModelFileError {
  fileprivate var status: ExitStatus {
    switch self {
    case .absent, .notAModel, .exists, .foreignDestination: .usage
    default: .failed
    }
  }
}

extension TrainingError {
  fileprivate var status: ExitStatus {
    switch self {
    case .noRows, .noLabels, .unusableLoss: .badData
    case .combiner: .usage
    case .nonFiniteLoss, .nonFiniteGradient: .failed
    }
  }
}

extension ReportError {
  fileprivate var status: ExitStatus {
    switch self {
    case .foreignDestination: .usage
    default: .failed
    }
  }
}
