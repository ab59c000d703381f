import Combiners
import Interactions
import Networks
import Randomness

/// The network that every figure is about, with a random log for it.
///
/// 16 id features of 100,000 rows and dimension 16, 8 numbers; MMoE with 4 experts [256, 128],
/// 3 tasks, towers [64, 1].
struct ReferenceProblem {
  static let usualTaskNames = ["click", "add_to_cart", "purchase"]
  static let tableRows = 100_000
  static let featureCount = 16
  static let dimension = 16
  static let numberCount = 8
  static let settings = NetworkSettings(experts: 4, expert: [256, 128], tower: [64])

  let taskNames: [String]
  let schema: InputSchema
  let network: Network
  let log: EncodedLog
  /// The log's rows in random order, as a run visits them.
  let order: [UInt32]

  /// Creates the network and `rowCount` random rows, the same ones every time.
  init(rowCount: Int = 1 << 17, taskNames: [String] = usualTaskNames) {
    self.taskNames = taskNames
    var generator = SplitMix64(seed: 1)
    let features = 0..<Self.featureCount
    schema = InputSchema(
      tables: features.map {
        .init(name: "id\($0)", rowCount: Self.tableRows, dimension: Self.dimension)
      },
      lookups: features.map { .init(feature: "id\($0)", table: $0) },
      numbers: (0..<Self.numberCount).map { "number\($0)" })
    network = Architecture.mmoe.make(
      schema: schema, taskNames: taskNames, settings: Self.settings)
    log = EncodedLog(
      schema: schema, rowCount: rowCount,
      lookups: features.map { _ in
        .single(
          Column(
            (0..<rowCount).map { _ in
              Int32.random(in: 0..<Int32(Self.tableRows), using: &generator)
            }))
      },
      numbers: (0..<Self.numberCount).map { _ in
        Column((0..<rowCount).map { _ in Float(generator.normal()) })
      },
      taskNames: taskNames,
      labels: taskNames.map { _ in
        Column((0..<rowCount).map { _ in UInt8(generator.next() & 1) })
      },
      times: Column((0..<rowCount).map { Int64($0) }))
    order = (0..<UInt32(rowCount)).shuffled(using: &generator)
  }

  /// The network as a way of combining needs it: conditioned where it is told preferences.
  func network(for combining: Combining) -> Network {
    guard case .preferences = combining else { return network }
    return Architecture.mmoe.make(
      schema: schema, taskNames: taskNames, settings: Self.settings, conditioned: true)
  }
}
