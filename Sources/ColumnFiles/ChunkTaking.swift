public import Interactions

/// What takes a log chunk by chunk and makes something of it at the end.
public protocol ChunkTaking: ~Copyable, SendableMetatype {
  associatedtype Output: Sendable

  mutating func append(_ chunk: RowChunk) throws
  consuming func finish() throws -> Output
}
