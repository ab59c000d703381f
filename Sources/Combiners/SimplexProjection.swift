/// The point nearest to `values` whose numbers are at least those of `lowest` and sum to `total`.
///
/// All numbers go down by the same amount, and those that would end below their bound stop there.
/// `total` must not lie below the sum of the bounds.
///
/// Held, Wolfe, Crowder: *Validation of Subgradient Optimization*, Mathematical Programming 6, 1974;
/// O(count log count).
func projectedOnSimplex(
  _ values: [Double], lowest: [Double]? = nil, total: Double = 1
) -> [Double] {
  let bounds = lowest ?? Array(repeating: 0, count: values.count)
  let excess = zip(values, bounds).map { $0 - $1 }
  let room = total - bounds.reduce(0, +)
  var sum = 0.0
  var fall = 0.0
  for (place, value) in excess.sorted(by: >).enumerated() {
    sum += value
    let candidate = (sum - room) / Double(place + 1)
    // Without room the largest number too goes down to its bound.
    guard place == 0 || value > candidate else { break }
    fall = candidate
  }
  return zip(excess, bounds).map { max(0, $0 - fall) + $1 }
}
