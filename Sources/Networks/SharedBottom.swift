extension NetworkBuilder {
  /// One bottom for all tasks, and a tower for each.
  ///
  /// Caruana: *Multitask Learning*, Machine Learning 28, 1997.
  mutating func sharedBottom(_ tasks: [String], _ settings: NetworkSettings) -> [Activation] {
    let bottom = tower(
      name: "bottom", from: input(), widths: settings.bottom, function: settings.activation,
      dropout: settings.dropout)
    return tasks.map { tower($0, from: bottom, settings) }
  }
}
