import Foundation
internal import Interactions

/// The memory that a run may take, and how much of a log it can have there at a time.
struct MemoryBudget {
  private let limit: Int
  /// Whether somebody has set it.
  private let isGiven: Bool

  /// Of the program itself, its libraries and small buffers.
  private static let base = 150_000_000
  /// Of what the network leaves, the rest being for the log's pages while a pool is copied.
  private static let poolShare = 0.8
  /// Fewer rows in a pool would be shuffled badly.
  private static let smallestPool = 100_000

  /// Takes what was set, or else what the machine, or the container, has.
  init(_ given: Int?) {
    isGiven = given != nil
    limit = given ?? Self.machine
  }

  /// How many training rows to shuffle together.
  ///
  /// - Parameters:
  ///   - rows: The training rows.
  ///   - log: Where they are.
  ///   - held: Bytes that training holds whatever the log's size.
  /// - Returns: Rows; nil for all.
  /// - Throws: ``JobError/missingConfiguration(_:)`` where these alone don't fit a memory that was set.
  func poolRows(of rows: RowSelection, in log: EncodedLog, held: Int) throws(JobError) -> Int? {
    let place = MemoryLayout<UInt32>.stride
    let perRow = log.bytesPerRow + Double(place)
    let selected = if case .list = rows { rows.count * place } else { 0 }
    let needed = Self.base + held + selected + log.heldBytes
    let fitting = Double(limit - needed) * Self.poolShare / perRow
    let smallest = min(Self.smallestPool, rows.count)
    if isGiven, fitting < Double(smallest) {
      let least = Double(needed) + Double(smallest) * perRow / Self.poolShare
      throw .missingConfiguration(
        "training takes at least \(Self.text(least)), of which \(Self.text(Double(held))) are the "
          + "network with its optimizer, combiner and vocabularies, and training.memory is "
          + "\(Self.text(Double(limit))); raise it, or make tables or network smaller")
    }
    return fitting < Double(rows.count) ? max(Int(fitting), smallest) : nil
  }

  private static func text(_ bytes: Double) -> String {
    bytes < 1e9 ? "\(Int((bytes / 1e6).rounded(.up))) MB" : String(format: "%.1f GB", bytes / 1e9)
  }

  private static var machine: Int {
    let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    let limits = groups.compactMap { path in
      (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return limits.reduce(physical, min)
  }
}
