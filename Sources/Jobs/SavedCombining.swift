internal import Combiners
import Foundation
internal import Training

/// The state of a combiner as JSON.
struct SavedCombining {
  let json: String

  init(json: String) { self.json = json }

  init(_ combining: Combining) throws {
    switch combining {
    case .losses(let weighting): json = try weighting.json()
    case .gradients(let combiner): json = try combiner.json()
    case .elements(let combiner): json = try combiner.json()
    }
  }

  /// A combiner of the same kind as `fresh` in the saved state.
  func restored(_ fresh: Combining) throws -> Combining {
    func decode<C: Decodable>(_ fresh: C) throws -> C {
      try JSONDecoder().decode(C.self, from: Data(json.utf8))
    }
    return switch fresh {
    case .losses(let weighting): .losses(try decode(weighting))
    case .gradients(let combiner): .gradients(try decode(combiner))
    case .elements(let combiner): .elements(try decode(combiner))
    }
  }
}
