internal import Randomness

/// What a search may change of a configuration.
public struct SearchSpace: Sendable, Equatable {
  /// Coordinates by dimension, see ``SearchDimension/Coordinate``.
  public typealias Point = [SearchDimension.Coordinate]

  /// At least one, none of which sets what another sets.
  public let dimensions: [SearchDimension]

  /// A space of dimensions that don't overlap.
  public init(_ dimensions: [SearchDimension]) throws(SearchSpaceError) {
    guard !dimensions.isEmpty else { throw .empty }
    for (index, dimension) in dimensions.enumerated() {
      for other in dimensions[..<index] {
        let (outer, inner) =
          dimension.path.count <= other.path.count
          ? (dimension.path, other.path) : (other.path, dimension.path)
        if outer == inner || inner.hasPrefix(outer + ".") { throw .overlap(outer, inner) }
      }
    }
    self.dimensions = dimensions
  }

  /// How many points differ; nil where a dimension has real numbers, or there are too many to count.
  public var pointCount: Int? {
    dimensions.reduce(1) { product, dimension in
      guard let product, let count = dimension.valueCount else { return nil }
      let (all, overflows) = product.multipliedReportingOverflow(by: count)
      return overflows ? nil : all
    }
  }

  /// The values at a point, as `--set` takes them: `path=value`, in the order of the dimensions.
  public func settings(at point: Point) -> [String] {
    zip(dimensions, point).map { "\($0.path)=\($0.text(at: $1))" }
  }

  /// A point at random: every coordinate uniform, every choice equally likely.
  func randomPoint(using generator: inout SplitMix64) -> Point {
    dimensions.map { dimension in
      let share = generator.uniform()
      return dimension.choiceCount.map { (share * Double($0)).rounded(.down) } ?? share
    }
  }
}
