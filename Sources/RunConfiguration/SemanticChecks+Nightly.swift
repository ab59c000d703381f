extension SemanticChecks {
  mutating func checkNightly() {
    if let clock = root["impressions"]?["clock"] { checkQuery(clock) }
    let lengths =
      tasks.map { $0["window"] }
      + ["statement", "lock", "retry"].map { root["limits"]?[$0] }
      + ["evaluation", "lateness", "evict_after", "checkpoint"].map { root["nightly"]?[$0] }
    for length in lengths.compactMap(\.self) { checkSpan(length) }
    if let memory = root["training"]?["memory"], let text = memory.text,
      MemorySize.bytes(text) == nil
    {
      report(memory, "\(YAMLNode.quoted(text)) is not an amount of memory, such as 4GB or 800MB")
    }
    if let file = root["nightly"]?["metrics_file"], let path = file.text, !path.hasSuffix(".prom") {
      report(file, "node_exporter reads files whose names end in .prom alone")
    }
  }
}
