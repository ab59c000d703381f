/// How far a job is.
public struct JobProgress: Sendable {
  /// What is being done: `reading`, `training 2/3`.
  public var stage: String
  /// Rows or steps done.
  public var done: Int
  /// All of them; nil where nobody knows.
  public var total: Int?
  /// More to show, such as losses.
  public var detail: String

  /// Says how far; `detail` follows what is shown.
  public init(stage: String, done: Int, total: Int? = nil, detail: String = "") {
    self.stage = stage
    self.done = done
    self.total = total
    self.detail = detail
  }
}
