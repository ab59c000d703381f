extension NetworkBuilder {
  /// One network for each task, with nothing shared, not even embeddings: what the others are held
  /// against.
  mutating func singleTask(_ tasks: [String], _ settings: NetworkSettings) -> [Activation] {
    tasks.map { task in
      let input = input(of: task)
      let bottom = tower(
        name: "\(task)/bottom", from: input, widths: settings.bottom,
        function: settings.activation, dropout: settings.dropout)
      return tower(task, from: bottom, settings)
    }
  }
}
