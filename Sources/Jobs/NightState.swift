internal import Foundation
package import Interactions
internal import ModelFiles

/// What the model of a night keeps for the next night, beside its numbers.
package struct NightState: Sendable {
  /// How often and how lately the ids of each vocabulary were seen, by feature.
  package var histories: [String: VocabularyHistory]
  /// Which rows the model has used.
  package var usedRows: UsedRows

  /// What is kept; without arguments, of a model that has seen nothing yet.
  package init(histories: [String: VocabularyHistory] = [:], usedRows: UsedRows = UsedRows()) {
    self.histories = histories
    self.usedRows = usedRows
  }

  fileprivate static let usedRowsFile = "used_rows"

  /// Histories are numbered like the vocabularies that they belong to.
  fileprivate static func historyFile(_ index: Int) -> String { "vocabularies/\(index).history" }

  /// Writes the files of the features named.
  func write(_ names: [String], to writer: ModelDirectoryWriter) throws {
    for (index, name) in names.enumerated() {
      guard let history = histories[name] else { continue }
      try writer.write(history.bytes, to: Self.historyFile(index))
    }
    try writer.write(usedRows.bytes, to: Self.usedRowsFile)
  }
}

extension StoredModel {
  /// What the model has kept for the next night.
  ///
  /// A model that was not trained in a night has no such files. Its ids then count as seen in just
  /// enough rows, up to the end of its training rows; and all rows of its time as used.
  ///
  /// - Throws: ``ModelFileError`` where a file is damaged.
  package func nightState() throws -> NightState {
    let directory = try ModelDirectory(opening: path, verifying: false)
    var histories: [String: VocabularyHistory] = [:]
    for (index, name) in features.settings.vocabularies.enumerated() {
      let file = NightState.historyFile(index)
      guard directory.files[file] != nil else {
        histories[name] = assumedHistory(of: name)
        continue
      }
      do { histories[name] = try VocabularyHistory(bytes: directory.bytes(of: file)) } catch let
        error as VocabularyError
      {
        throw ModelFileError.damaged(path, reason: "\(file) is \(error)")
      }
      guard histories[name]?.holdsTexts == features.vocabularies[name]?.holdsTexts else {
        throw ModelFileError.damaged(path, reason: "\(file) is of another vocabulary")
      }
    }
    return NightState(histories: histories, usedRows: try usedRows(in: directory))
  }

  private func usedRows(in directory: ModelDirectory) throws -> UsedRows {
    guard directory.files[NightState.usedRowsFile] != nil else {
      return UsedRows(horizon: dataEnd)
    }
    do { return try UsedRows(bytes: directory.bytes(of: NightState.usedRowsFile)) } catch let error
      as UsedRowsError
    {
      throw ModelFileError.damaged(path, reason: "\(NightState.usedRowsFile) is \(error)")
    }
  }

  /// The end of all rows that its split was made of.
  private var dataEnd: Int64 {
    description.span?.to ?? description.windows.values.map(\.to).max()
      ?? Int64(description.createdAt.timeIntervalSince1970 * 1_000_000)
  }

  private func assumedHistory(of name: String) -> VocabularyHistory? {
    let feature = features.features.first { $0.definition.name == name }
    guard case .vocabulary(let minimumCount) = feature?.definition.ownTable?.rows,
      let vocabulary = features.vocabularies[name]
    else { return nil }
    let end = description.windows[SplitPart.train.rawValue]?.to ?? dataEnd
    return VocabularyHistory(
      of: vocabulary, count: minimumCount, lastSeen: end == .min ? end : end - 1)
  }
}
