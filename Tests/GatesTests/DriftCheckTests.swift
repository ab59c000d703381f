import Gates
import Testing

/// Each measure by itself, beyond its limit surely and by chance.
struct DriftCheckTests {
  private func profile(
    rows: Int = 10_000, known: Int = 9_000, positives: Int = 900, missing: Double = 0.01,
    unknown: Double = 0.05, counts: [Int] = [500, 500], clustering: Double = 1
  ) -> DriftProfile {
    let effective = Double(rows) / clustering
    return DriftProfile(
      rows: rows, days: 1, clustering: clustering,
      tasks: [.init(name: "click", known: known, positives: positives, designEffect: clustering)],
      columns: [.init(name: "brand", missing: .init(missing, effectiveCount: effective))],
      features: [
        .init(
          name: "item", withoutEmbedding: .init(unknown, effectiveCount: effective),
          histogram: .init(edges: [], counts: counts, designEffect: clustering))
      ])
  }

  private func failures(
    _ tonight: DriftProfile, since former: DriftProfile
  ) -> [GateCheck.Measure] {
    DriftCheck(settings: .usual).findings(of: tonight, since: former).filter { !$0.passed }
      .map(\.measure)
  }

  @Test func `a night like the former one passes every measure`() {
    let checks = DriftCheck(settings: .usual).findings(of: profile(), since: profile())
    #expect(checks.map(\.measure) == [.rows, .labelRate, .missing, .newIDs, .stability])
    #expect(checks.map(\.subject) == ["", "click", "brand", "item", "item"])
    #expect(checks.map(\.passed) == [true, true, true, true, true])
    #expect(checks.map(\.value) == [1, 1, 0, 0, 0])
  }

  @Test func `without a former night, or with an empty one, nothing is compared`() {
    let check = DriftCheck(settings: .usual)
    #expect(check.findings(of: profile(), since: nil) == [])
    #expect(check.findings(of: profile(), since: DriftProfile(rows: 0, days: 1)) == [])
  }

  @Test func `an empty night fails by its rows`() {
    let empty = DriftProfile(rows: 0, days: 1)
    #expect(failures(empty, since: profile()) == [.rows])
  }

  @Test func `rows may rise and fall within their ratio`() {
    #expect(failures(profile(rows: 29_000), since: profile()) == [])
    #expect(failures(profile(rows: 33_000), since: profile()) == [.rows])
    #expect(failures(profile(rows: 3_000), since: profile()) == [.rows])
    // Nine rows for two may be chance.
    #expect(failures(profile(rows: 9), since: profile(rows: 2)) == [])
  }

  @Test func `label rates may rise and fall within their ratio`() {
    #expect(failures(profile(positives: 2_600), since: profile()) == [])
    #expect(failures(profile(positives: 3_300), since: profile()) == [.labelRate])
    #expect(failures(profile(positives: 200), since: profile()) == [.labelRate])
    #expect(failures(profile(positives: 0), since: profile()) == [.labelRate])
    #expect(failures(profile(positives: 0), since: profile(positives: 6)) == [])
  }

  @Test func `labels that none is known of any more fail, those that never were are left out`() {
    let check = DriftCheck(settings: .usual)
    let gone = check.findings(of: profile(known: 0, positives: 0), since: profile())
    #expect(gone.first { $0.measure == .labelRate }?.note == "no label is known")
    #expect(gone.first { $0.measure == .labelRate }?.passed == false)
    let never = check.findings(of: profile(), since: profile(known: 0, positives: 0))
    #expect(!never.contains { $0.measure == .labelRate })
  }

  @Test func `shares may rise by their limit, and fall at will`() {
    #expect(failures(profile(missing: 0.25), since: profile()) == [.missing])
    #expect(failures(profile(missing: 0.2), since: profile()) == [])
    #expect(failures(profile(), since: profile(missing: 1)) == [])
    #expect(failures(profile(unknown: 0.4), since: profile()) == [.newIDs])
    #expect(failures(profile(unknown: 0.3), since: profile()) == [])
  }

  @Test func `a spread may move up to its limit`() {
    #expect(failures(profile(counts: [100, 900]), since: profile()) == [.stability])
    #expect(failures(profile(counts: [300, 700]), since: profile()) == [])
  }

  @Test func `rows of few users alarm later than as many rows of many`() {
    let former = profile(clustering: 2_000)
    #expect(failures(profile(rows: 33_000, clustering: 2_000), since: former) == [])
    #expect(failures(profile(missing: 0.25, clustering: 2_000), since: former) == [])
    #expect(failures(profile(counts: [100, 900], clustering: 200), since: former) == [])
  }

  @Test func `a measure that only one night has is left out`() {
    var former = profile()
    former.columns = []
    former.features[0].withoutEmbedding = nil
    former.features[0].histogram?.edges = [1]
    let checks = DriftCheck(settings: .usual).findings(of: profile(), since: former)
    #expect(checks.map(\.measure) == [.rows, .labelRate])
  }
}
