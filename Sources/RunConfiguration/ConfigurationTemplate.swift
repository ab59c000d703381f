public import Interactions

/// Commented configurations to start from.
public enum ConfigurationTemplate {
  /// A configuration for the simulated shop, which lies in the schema `shop`.
  public static let shop =
    text(
      relation: "shop.labelled_impressions", roles: ColumnRoles(shopColumns), marksGuesses: false)
    + scoring

  /// A configuration for a table or view, its columns' roles guessed from their names and types.
  ///
  /// Guesses that the user should look at are marked `CHECK`. The text always loads.
  ///
  /// - Parameters:
  ///   - relation: The table's name, as ``RunConfiguration/Relation`` reads it.
  ///   - columns: Its columns.
  /// - Returns: The text of a configuration file.
  public static func text(relation: String, columns: [ColumnDescription]) -> String {
    text(relation: relation, roles: ColumnRoles(columns), marksGuesses: true)
  }

  private static func text(relation: String, roles: ColumnRoles, marksGuesses: Bool) -> String {
    func note(_ text: String?) -> String {
      guard marksGuesses, let text else { return "" }
      return "   # CHECK: \(text)"
    }
    let time = roles.time == nil ? "no column with a time was found" : nil
    var lines = [
      "# A run configuration of ParetoRank."
        + (marksGuesses ? " Lines marked CHECK hold guesses." : ""),
      "# paretorank check holds it against the database; the schema describes every key.",
      "",
      "# database: postgresql://user@host/name   # absent: PG* variables, else a private server",
      "",
      "impressions:",
      "  from: \(word(relation))",
      "  time: \(word(roles.time ?? "shown_at"))" + note(time),
    ]
    for (key, column) in [("request", roles.request), ("user", roles.user), ("item", roles.item)] {
      let line =
        column.map { "  \(key): \(word($0))" }
        ?? "  # \(key): …" + note("no such column was found; it is optional")
      lines.append(line)
    }
    lines += [
      "  # key: impression_id   # tells rows apart; absent: time, request, user and item do",
      "  # weight: importance   # what a row counts in training; absent: all count the same",
      "  # where: surface = 'home'   # a further SQL condition", "",
      "# For paretorank nightly, give each task the window in which its event may still come, such as",
      "# {name: purchase, label: purchased, window: 72 hours}.", "tasks:",
    ]
    lines += roles.tasks.map { task in
      var settings = "name: \(task.name), label: \(word(task.label))"
      if let after = task.after { settings += ", after: \(after)" }
      if let truth = task.truth { settings += ", truth: \(truth)" }
      return "  - {\(settings)}" + note(task.note)
    }
    lines += ["", "features:"]
    lines += roles.features.map { "  - {\($0.settings)}" + note($0.note) }
    lines += roles.leftOut.map { "  # left out: \($0.column), \($0.reason)" }
    lines += roles.vectors.map {
      "  # - {vector: \(word($0)), length: 64}" + note("how many numbers does it have?")
    }
    let text = (lines + furtherKinds + learning).joined(separator: "\n") + "\n"
    guard marksGuesses else { return text }
    let commented = scoring.split(separator: "\n").map { $0.hasPrefix("#") ? "\($0)" : "# \($0)" }
    return text + "\n" + commented.joined(separator: "\n") + "\n"
  }

  private static let furtherKinds = [
    "  # Further kinds: {rate: user_id}, how often rows of earlier days were positive;",
    "  # {cross: [user_id, item_id]}, their combinations; {number: price, encoding: piecewise_linear};",
    "  # {vector: image_embedding, length: 64}, numbers made elsewhere. A list that shares an id's",
    "  # embeddings may have pooling: attention, which weighs its elements beside that id.",
  ]

  private static let learning = """

    # By time, counted back from the newest row; train may also be a length, such as 28 days.
    split: {train: all, validation: 1 day, test: 1 day}

    # single_task, shared_bottom, cross_stitch, omoe, mmoe, cgc, ple or stem; where a task has `after`,
    # also asymmetric, esmm, escm2 or aitm. auto looks at the log and says why it chooses what.
    # interactions: [dcn] multiplies features with each other first; also fm, senet, fibinet, masknet.
    network: {architecture: mmoe, experts: 4, expert: [256, 128], tower: [64]}

    # static (with weights), uncertainty, pcgrad or metabalance (with main).
    combiner: {kind: static}

    optimizer: {kind: adam, learning_rate: 0.001}

    training: {batch: 4096, epochs: 3, seed: 7}

    output: {models: models}

    # Every night: paretorank nightly trains on new rows and publishes what a gate lets pass.
    # nightly: {evaluation: 1 day, lateness: 1 day, report: nights}
    """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  private static let scoring = """

    # What to score, and where the scores go.
    scoring:
      candidates: {from: shop.candidate_features}
      user: user_id
      item: item_id
      value: click^0.3 * purchase * price
      top: 100
      to: {table: scored_candidates}
      keep: 3   # versions of the scores in the database, to go back to

    """

  /// `text` as a YAML scalar that reads back as itself, also inside `{}`.
  static func word(_ text: String) -> String {
    let isPlain =
      text.isIdentifier || text.split(separator: ".").allSatisfy { String($0).isIdentifier }
    if isPlain, !text.isEmpty,
      !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
    {
      return text
    }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where !scalar.isPrintable:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static let shopColumns: [ColumnDescription] = [
    column("impression_id", .integer, "int8"), column("request_id", .integer, "int8"),
    column("user_id", .integer, "int8"), column("item_id", .integer, "int8"),
    column("category", .text, "text"), column("brand", .text, "text"),
    column("price", .number, "numeric"), column("surface", .text, "text"),
    column("position", .integer, "int2"), column("shown_at", .time, "timestamptz"),
    column("country", .text, "text"), column("age_group", .text, "text"),
    column("recent_items", .integerList, "int8[]"), column("clicked", .boolean, "bool"),
    column("carted", .boolean, "bool"), column("purchased", .boolean, "bool"),
    column("true_click", .number, "float8"), column("true_add_to_cart", .number, "float8"),
    column("true_purchase", .number, "float8"),
  ]

  private static func column(
    _ name: String, _ kind: ColumnKind, _ databaseType: String
  ) -> ColumnDescription {
    ColumnDescription(name: name, kind: kind, databaseType: databaseType)
  }
}

extension Unicode.Scalar {
  /// Whether the scalar may stand in YAML as it is, and does not end a line.
  fileprivate var isPrintable: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0x2028...0x2029, 0xFEFF, 0xFFFE...0xFFFF: false
    default: true
    }
  }
}
