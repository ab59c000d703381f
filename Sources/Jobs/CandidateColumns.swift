internal import Interactions
internal import RunConfiguration

/// One candidate with its scores.
struct Candidate {
  var user: String
  var item: String
  var value: Double
  /// By task.
  var probabilities: [Double]
}

/// Where a candidate's user, item and the variables of its value are found.
struct CandidateColumns {
  /// What a variable of the value formula stands for.
  private enum Variable {
    case task(Int)
    case column(Int)
  }

  private let user: Int
  private let item: Int
  private let names: (user: String, item: String)
  private let formula: ValueFormula
  private let variables: [Variable]

  init(
    _ columns: [ColumnDescription], scoring: RunConfiguration.Scoring, stored: StoredModel
  ) throws {
    let names = columns.map(\.name)
    func index(_ name: String, _ role: String) throws -> Int {
      guard let index = names.firstIndex(of: name) else {
        throw LogEncodingError.missingColumn(
          name, role: role, closest: Spelling.nearest(to: name, among: names))
      }
      return index
    }
    user = try index(scoring.user, "the user of a candidate")
    item = try index(scoring.item, "the item of a candidate")
    self.names = (scoring.user, scoring.item)
    formula = scoring.value
    variables = try scoring.value.variables.map { name in
      if let task = stored.description.taskNames.firstIndex(of: name) { return .task(task) }
      return .column(try columns.numberColumn(name, role: "a variable of scoring.value"))
    }
  }

  /// Candidate `row` of a chunk, number `number` of all.
  func candidate(
    _ row: Int, of chunk: RowChunk, scores: [[Float]], number: Int
  ) throws -> Candidate {
    guard let user = chunk.columns[user].text(row), let item = chunk.columns[item].text(row) else {
      throw JobError.badData(
        "candidate \(number) has no \(chunk.columns[self.user].isMissing[row] ? names.user : names.item)"
      )
    }
    let probabilities = scores.map { Double($0[row]) }
    let value = try formula(
      variables.map { variable in
        switch variable {
        case .task(let task): probabilities[task]
        case .column(let column):
          if let number = chunk.columns[column].number(row) {
            number
          } else {
            throw JobError.badData(
              "candidate \(number): a column of scoring.value is NULL; "
                + "use coalesce() in scoring.candidates")
          }
        }
      })
    guard value.isFinite else {
      throw JobError.badData(
        "candidate \(number) (user \(user), item \(item)): \(formula) is not a finite number")
    }
    return Candidate(user: user, item: item, value: value, probabilities: probabilities)
  }
}

extension ColumnChunk {
  /// An id as text; nil where missing or of a kind that is no id.
  fileprivate func text(_ row: Int) -> String? {
    guard !isMissing[row] else { return nil }
    return switch values {
    case .integers(let values): "\(values[row])"
    case .texts(let values): values.text(row)
    default: nil
    }
  }
}

extension StoredModel {
  /// The roles that a candidate's columns play: a time where there is one, no labels.
  func roles(for scoring: RunConfiguration.Scoring) -> LogRoles {
    LogRoles(
      time: description.configuration.impressions.time, user: scoring.user, item: scoring.item,
      tasks: description.configuration.roles.tasks)
  }
}
