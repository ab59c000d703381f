extension PostgresConnection {
  /// The best candidates of the first users of a view that ``Bookkeeping`` made of scores.
  public func bestScores(
    schema: String?, name: String, userCount: Int, perUser count: Int
  ) throws(PostgresError) -> QueryRows {
    let view = try quotedRelation(schema: schema, name: name)
    return try query(
      """
      SELECT * FROM \(view)
      WHERE user_id IN (SELECT user_id FROM \(view) WHERE rank = 1 ORDER BY user_id LIMIT $1)
        AND rank <= $2
      ORDER BY user_id, rank
      """, ["\(userCount)", "\(count)"])
  }
}
