/// The model that a command is about, and what decided that it is this one.
public struct ModelChoice: Sendable, Equatable {
  /// The model directory.
  public var path: String
  /// Its version, where the registry was asked.
  public var version: Int?
  /// Why it is this one, in words; nil where its directory was named.
  public var reason: String?

  init(_ path: String, version: Int? = nil, reason: String? = nil) {
    self.path = path
    self.version = version
    self.reason = reason
  }
}
