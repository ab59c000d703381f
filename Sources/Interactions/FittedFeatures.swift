/// Everything that has to be remembered to encode later rows as the training rows were.
///
/// Vocabularies and tables of rates can be large, so they are stored apart (``Vocabulary/bytes``,
/// ``RateTable/bytes``); the rest is ``Settings``, small enough for a JSON file.
public struct FittedFeatures: Sendable, Equatable {
  /// One feature of a run, with what the training rows taught about it.
  public struct Feature: Codable, Sendable, Equatable {
    public var definition: FeatureDefinition
    /// The kind of the column that it was made from; ``ColumnKind/integer`` for crosses.
    public var kind: ColumnKind
    /// Of number features alone.
    public var number: NumberEncoding?
    /// Of features that are several numbers: how each of them is encoded, in their order.
    public var numbers: [NumberEncoding]?

    public init(
      definition: FeatureDefinition, kind: ColumnKind, number: NumberEncoding? = nil,
      numbers: [NumberEncoding]? = nil
    ) {
      self.definition = definition
      self.kind = kind
      self.number = number
      self.numbers = numbers
    }
  }

  /// All but the vocabularies and the tables of rates.
  public struct Settings: Codable, Sendable, Equatable {
    public var features: [Feature]
    /// What a network reads from these features.
    public var schema: InputSchema
    /// The features that need a vocabulary, in order.
    public var vocabularies: [String]

    /// The features that need a table of rates, in order.
    public var rates: [String] {
      features.compactMap { $0.definition.rate == nil ? nil : $0.definition.name }
    }
  }

  public let settings: Settings
  /// By the name of the feature that owns the table.
  public let vocabularies: [String: Vocabulary]
  /// By the name of the feature.
  public let rates: [String: RateTable]

  public var features: [Feature] { settings.features }

  /// What a network reads from these features.
  public var schema: InputSchema { settings.schema }

  /// Puts features and vocabularies together; the schema follows from them.
  package init(
    features: [Feature], vocabularies: [String: Vocabulary], rates: [String: RateTable] = [:]
  ) {
    self.vocabularies = vocabularies
    self.rates = rates
    settings = Settings(
      features: features, schema: InputSchema(features, vocabularies),
      vocabularies: features.filter(\.needsVocabulary).map(\.definition.name))
  }

  /// Puts stored parts together again.
  ///
  /// - Throws: ``FittedFeaturesError`` where a vocabulary or a table is missing or doesn't fit its
  ///   feature.
  public init(
    settings: Settings, vocabularies: [String: Vocabulary], rates: [String: RateTable] = [:]
  ) throws(FittedFeaturesError) {
    for feature in settings.features where feature.needsVocabulary {
      let name = feature.definition.name
      guard let vocabulary = vocabularies[name] else { throw .missingVocabulary(name) }
      guard vocabulary.holdsTexts == feature.kind.holdsTexts else { throw .contradiction(name) }
    }
    for feature in settings.features {
      let name = feature.definition.name
      if case .number(let scaling) = feature.definition.encoding {
        guard let number = feature.number, number.isSound else { throw .contradiction(name) }
        if case .piecewiseLinear = scaling.output, number.binCount == 0 {
          throw .contradiction(name)
        }
      }
      if case .vector(let vector) = feature.definition.encoding {
        guard let numbers = feature.numbers, numbers.count == vector.length,
          numbers.allSatisfy(\.isSound), Set(numbers.map(\.isFlagged)).count == 1
        else { throw .contradiction(name) }
      }
      if let rate = feature.definition.rate {
        guard let table = rates[name] else { throw .missingRates(name) }
        guard table.holdsTexts == feature.kind.holdsTexts, table.taskCount == rate.tasks.count,
          let numbers = feature.numbers, numbers.count == rate.inputCount,
          numbers.allSatisfy(\.isSound)
        else { throw .contradiction(name) }
      }
      if case .list(let list) = feature.definition.encoding,
        case .shared(let owner) = list.table,
        !settings.features.contains(where: {
          $0.definition.name == owner && $0.definition.ownTable != nil
        })
      {
        throw .contradiction(name)
      }
    }
    guard settings.schema == InputSchema(settings.features, vocabularies) else {
      throw .contradiction("schema")
    }
    self.settings = settings
    self.vocabularies = vocabularies
    self.rates = rates
  }

  /// How a feature's rates are encoded; nil for another kind of feature.
  package func rateEncoding(_ index: Int) -> RateEncoding? {
    let feature = features[index]
    guard let rate = feature.definition.rate else { return nil }
    guard let table = rates[feature.definition.name] else {
      preconditionFailure("no rates of \(feature.definition.name)")
    }
    return RateEncoding(rate, table, numbers: feature.numbers)
  }
}

/// Why stored parts don't make fitted features.
public enum FittedFeaturesError: Error, Equatable, CustomStringConvertible {
  case missingVocabulary(String)
  case missingRates(String)
  /// Two parts that were not made together.
  case contradiction(String)

  public var description: String {
    switch self {
    case .missingVocabulary(let name): "the vocabulary of feature \(name) is missing"
    case .missingRates(let name): "the table of rates of feature \(name) is missing"
    case .contradiction(let name): "the stored parts of \(name) don't belong together"
    }
  }
}

extension FittedFeatures.Feature {
  /// Whether the feature owns a table with a row for each known id.
  package var needsVocabulary: Bool {
    if case .vocabulary = definition.ownTable?.rows { true } else { false }
  }
}

extension ColumnKind {
  /// Whether ids of such a column are texts.
  package var holdsTexts: Bool { self == .text || self == .textList }
}

extension NumberEncoding {
  /// Whether every value that it encodes will be finite.
  fileprivate var isSound: Bool {
    mean.isFinite && standardDeviation > 0 && standardDeviation.isFinite
      && borders.allSatisfy(\.isFinite) && zip(borders, borders.dropFirst()).allSatisfy(<)
  }
}

extension InputSchema {
  /// One table a feature that owns one, lookups and numbers in the order of the features.
  init(_ features: [FittedFeatures.Feature], _ vocabularies: [String: Vocabulary]) {
    self.init(tables: [], lookups: [], numbers: [])
    var owners: [String?] = []
    for feature in features {
      let name = feature.definition.name
      defer { owners += Array(repeating: nil, count: numbers.count - owners.count) }
      switch feature.definition.encoding {
      case .id, .list, .cross:
        guard let table = feature.definition.ownTable else { continue }
        let rowCount =
          switch table.rows {
          case .vocabulary: vocabularies[name]?.rowCount ?? 1
          case .hashed(let rowCount): rowCount
          }
        tables.append(Table(name: name, rowCount: rowCount, dimension: table.dimension))
      case .timePart(let part, let dimension):
        tables.append(Table(name: name, rowCount: part.rowCount, dimension: dimension))
      case .number(let scaling):
        let number = feature.number ?? NumberEncoding()
        switch scaling.output {
        case .buckets(_, let dimension):
          tables.append(Table(name: name, rowCount: number.bucketRowCount, dimension: dimension))
        case .float:
          numbers.append(name)
          if number.isFlagged { numbers.append(NumberEncoding.flagName(name)) }
        case .piecewiseLinear:
          numbers += NumberEncoding.binNames(name, count: number.binCount)
          if number.isFlagged { numbers.append(NumberEncoding.flagName(name)) }
        }
      case .rate(let rate):
        numbers += rate.inputNames(name)
        if rate.isOwn { owners += rate.inputTasks }
      case .vector(let vector):
        numbers += vector.inputNames(name)
        if feature.vectorEncoding?.isFlagged ?? false {
          numbers.append(NumberEncoding.flagName(name))
        }
      }
    }
    if owners.contains(where: { $0 != nil }) { numberTasks = owners }
    for feature in features {
      let name = feature.definition.name
      var owner = name
      var pooling: Pooling?
      var longest: Int?
      if case .list(let list) = feature.definition.encoding {
        pooling = list.pooling
        longest = list.pooling == .attention ? list.longest : nil
        if case .shared(let named) = list.table { owner = named }
      }
      if let table = tables.firstIndex(where: { $0.name == owner }) {
        lookups.append(
          Lookup(feature: name, table: table, pooling: pooling, longest: longest))
      }
    }
  }
}

extension FeatureDefinition.TimePart {
  /// Rows of the part's table: one a value, and row 0 for missing times.
  package var rowCount: Int {
    switch self {
    case .hour: 25
    case .weekday: 8
    }
  }
}
