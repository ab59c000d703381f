import ArgumentParser
import Combiners
import Interactions

extension CombinerKind {
  /// The kind of this name; an unknown one gets the nearest, or where the names are listed.
  static func meant(by name: String) throws -> CombinerKind {
    if let kind = CombinerKind(named: name) { return kind }
    let nearest = Spelling.nearest(to: name, among: allCases.map(\.rawValue))
    throw ValidationError(
      "there is no combiner \"\(name)\""
        + (nearest.map { "; did you mean \($0)?" } ?? "; paretorank combiners lists all"))
  }
}
