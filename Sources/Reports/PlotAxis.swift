/// One direction of a plot.
public struct PlotAxis: Sendable {
  /// What is measured, with its unit.
  public var title: String
  /// What to show; nil fits the numbers.
  public var range: ClosedRange<Double>?
  /// Whether equal factors are equal distances; numbers that aren't positive are then left out.
  public var isLogarithmic: Bool
  /// Whether shares are written as percentages.
  public var isShare: Bool

  /// Whether only whole numbers are named, such as epochs.
  public var isWhole: Bool
  /// Places at equal distances, at 0, 1 and so on; none where the axis is one of numbers.
  public var places: [Place]

  /// A place that stands for something else than its number.
  public struct Place: Sendable {
    /// Such as a date, as short as the picture needs it.
    public var name: String
    /// What the file of the plot's numbers calls it.
    public var key: String

    public init(name: String, key: String) {
      self.name = name
      self.key = key
    }
  }

  /// Creates an axis.
  public init(
    _ title: String, range: ClosedRange<Double>? = nil, isLogarithmic: Bool = false,
    isShare: Bool = false, isWhole: Bool = false, places: [Place] = []
  ) {
    precondition(!isLogarithmic || range.map { $0.lowerBound > 0 } ?? true, "no logarithm of 0")
    self.title = title
    self.range = range
    self.isLogarithmic = isLogarithmic
    self.isShare = isShare
    self.isWhole = isWhole
    self.places = places
  }
}
