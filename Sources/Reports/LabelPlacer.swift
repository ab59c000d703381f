/// Finds room for names beside points, so that they cover as little as can be.
///
/// Each name goes to the first of some places around its point where nothing is yet; without such a
/// place, to the one that covers least. Takes time quadratic in the number of names.
struct LabelPlacer {
  private struct Box {
    var left, bottom, right, top: Double

    func overlap(with other: Box) -> Double {
      let across = min(right, other.right) - max(left, other.left)
      let up = min(top, other.top) - max(bottom, other.bottom)
      return across > 0 && up > 0 ? across * up : 0
    }
  }

  let width: Double
  let height: Double
  let lineHeight: Double
  private var taken: [Box] = []

  /// An empty picture of this size in pixels.
  init(width: Double, height: Double, lineHeight: Double) {
    self.width = width
    self.height = height
    self.lineHeight = lineHeight
  }

  /// Keeps names from a point.
  mutating func avoid(x: Double, y: Double, radius: Double) {
    taken.append(Box(left: x - radius, bottom: y - radius, right: x + radius, top: y + radius))
  }

  /// Where a name goes.
  struct Place {
    /// The left end of its line, in pixels from the lower left, at half of its height.
    let x: Double
    let y: Double
    /// Whether it needs a line to its point.
    let isAway: Bool
  }

  /// Finds room for a name beside a point.
  mutating func place(width textWidth: Double, besideX x: Double, y: Double) -> Place {
    let half = lineHeight / 2
    var candidates: [(x: Double, y: Double)] = []
    for step in [0.0, 1, -1, 2, -2, 3, -3] {
      let centre = y + step * (lineHeight + 1)
      candidates.append((x + 9, centre))
      candidates.append((x - 9 - textWidth, centre))
      if step != 0 { candidates.append((x - textWidth / 2, centre)) }
    }
    var best: (box: Box, cost: Double)?
    for candidate in candidates {
      let box = Box(
        left: candidate.x, bottom: candidate.y - half, right: candidate.x + textWidth,
        top: candidate.y + half)
      let outside =
        max(0, -box.left) + max(0, box.right - width) + max(0, -box.bottom)
        + max(0, box.top - height)
      // Leaving the picture is worse than covering something.
      let cost = taken.reduce(outside * 1_000) { $0 + $1.overlap(with: box) }
      if cost < best?.cost ?? .infinity { best = (box, cost) }
      if cost == 0 { break }
    }
    guard let box = best?.box else { return Place(x: x, y: y, isAway: false) }
    taken.append(box)
    let middle = (box.bottom + box.top) / 2
    return Place(x: box.left, y: middle, isAway: abs(middle - y) > 1.5 * lineHeight)
  }
}
