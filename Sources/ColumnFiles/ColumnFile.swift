import Files
public import Interactions

/// An encoded log in one file, mapped into memory and read where it lies.
///
/// The file is a cache: whoever finds it absent, made with another key, or damaged builds it again
/// with ``LogEncoder``.
public struct ColumnFile: Sendable {
  /// The rows, ordered by time; their memory is the file's.
  public let log: EncodedLog
  /// What is needed to encode later rows in the same way.
  public let features: FittedFeatures
  /// How often and how lately ids were seen, by the names of features, up to a night.
  ///
  /// Empty for logs that were not encoded for a night.
  public let histories: [String: VocabularyHistory]
  /// What was found while the log was read.
  public let summary: ReadingSummary
  /// Differs where the rows, their order, their tasks or their encoding do.
  public let digest: String

  /// Opens the file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - expectedKey: The key that the file must have been written with; nil takes any.
  ///   - verifying: Whether to read the whole file once and hold it against its checksums.
  /// - Returns: The file's contents.
  /// - Throws: ``ColumnFileError`` where the file is absent, has another key, or is damaged.
  /// - Complexity: O(bytes) if verifying, else O(vocabularies).
  public static func open(
    _ path: String, expectedKey: String? = nil, verifying: Bool = true
  ) throws(ColumnFileError) -> ColumnFile {
    let file = try MappedFile.open(path)
    let header = try ColumnFileHeader(file, path: path)
    if let expectedKey, header.key != expectedKey { throw .otherKey(path) }
    let sections = MappedSections(file: file, sections: header.sections, path: path)
    if verifying { try sections.verify() }
    let features = try sections.features(header)
    return ColumnFile(
      log: try sections.log(features.schema, header), features: features,
      histories: try sections.histories(header), summary: header.summary,
      digest: header.contentDigest)
  }
}

extension MappedSections {
  fileprivate func features(_ header: ColumnFileHeader) throws(ColumnFileError) -> FittedFeatures {
    var vocabularies: [String: Vocabulary] = [:]
    for name in header.settings.vocabularies {
      vocabularies[name] = try vocabulary(SectionName.vocabulary(name), of: name)
    }
    var rates: [String: RateTable] = [:]
    for name in header.settings.rates {
      let range = try range(SectionName.rates(name))
      do {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[range])
        rates[name] = try unsafe RateTable(bytes: bytes)
      } catch { throw .damaged(path, reason: "rates of \(name): \(error)") }
    }
    do {
      return try FittedFeatures(
        settings: header.settings, vocabularies: vocabularies, rates: rates)
    } catch { throw .damaged(path, reason: "\(error)") }
  }

  fileprivate func histories(
    _ header: ColumnFileHeader
  ) throws(ColumnFileError) -> [String: VocabularyHistory] {
    var histories: [String: VocabularyHistory] = [:]
    for name in header.settings.vocabularies where contains(SectionName.history(name)) {
      let range = try range(SectionName.history(name))
      do {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[range])
        histories[name] = try unsafe VocabularyHistory(bytes: bytes)
      } catch { throw .damaged(path, reason: "vocabulary of \(name): \(error)") }
    }
    return histories
  }

  fileprivate func log(
    _ schema: InputSchema, _ header: ColumnFileHeader
  ) throws(ColumnFileError) -> EncodedLog {
    let rowCount = header.rowCount
    var lookups: [LookupColumn] = []
    for lookup in schema.lookups {
      guard lookup.pooling != nil else {
        lookups.append(
          .single(try column(Int32.self, SectionName.lookup(lookup.feature), rowCount)))
        continue
      }
      let (values, ends) = try lists(
        values: SectionName.lookup(lookup.feature), ends: SectionName.ends(lookup.feature),
        rowCount)
      lookups.append(.list(values: values, ends: ends))
    }
    var numbers: [Column<Float>] = []
    for name in schema.numbers {
      numbers.append(try column(Float.self, SectionName.number(name), rowCount))
    }
    var labels: [Column<UInt8>] = []
    for name in header.taskNames {
      labels.append(try column(UInt8.self, SectionName.label(name), rowCount))
    }
    func optional<Value>(
      _ type: Value.Type, _ name: String
    ) throws(ColumnFileError) -> Column<Value>? {
      contains(name) ? try column(type, name, rowCount) : nil
    }
    return EncodedLog(
      schema: schema, rowCount: rowCount, lookups: lookups, numbers: numbers,
      taskNames: header.taskNames, labels: labels,
      times: try column(Int64.self, SectionName.times, rowCount),
      users: try optional(Int64.self, SectionName.users),
      requests: try optional(Int64.self, SectionName.requests),
      keys: try optional(Int64.self, SectionName.keys),
      weights: try optional(Float.self, SectionName.weights))
  }
}

/// What sections are called.
enum SectionName {
  static let times = "times"
  static let users = "users"
  static let requests = "requests"
  static let keys = "keys"
  static let weights = "weights"
  static func lookup(_ feature: String) -> String { "lookup \(feature)" }
  static func ends(_ feature: String) -> String { "ends \(feature)" }
  static func number(_ name: String) -> String { "number \(name)" }
  static func label(_ task: String) -> String { "label \(task)" }
  static func vocabulary(_ feature: String) -> String { "vocabulary \(feature)" }
  static func history(_ feature: String) -> String { "history \(feature)" }
  static func rates(_ feature: String) -> String { "rates \(feature)" }
}
