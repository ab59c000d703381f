import Gates
import RankingMetrics
import Testing

/// Each rule of the gate, with planted metrics.
struct GateTests {
  static func metrics(
    rows: Int = 10_000, positives: Int = 500, auc: Double? = 0.75, calibration: Double? = 1.02
  ) -> TaskMetrics {
    var metrics = TaskMetrics(scores: [], labels: [])
    metrics.rows = rows
    metrics.positives = positives
    metrics.auc = auc
    metrics.calibration = calibration
    metrics.note = auc == nil ? "no positive among \(rows) rows" : nil
    return metrics
  }

  static func task(
    _ name: String = "click", _ metrics: TaskMetrics = metrics(), change: Double = 0,
    _ interval: ClosedRange<Double>? = -0.001...0.001
  ) -> TaskEvidence {
    TaskEvidence(
      task: name, candidate: metrics,
      current: GateTests.metrics(auc: metrics.auc.map { $0 - change }),
      comparison: .difference(change, interval: interval))
  }

  private func failures(
    _ task: TaskEvidence, _ change: (inout GateSettings) -> Void = { _ in }
  ) -> [GateCheck.Measure] {
    var settings = GateSettings.usual
    change(&settings)
    let verdict = Gate(settings: settings).verdict(tasks: [task], drift: nil)
    #expect(verdict.isPassed == verdict.checks.allSatisfy(\.passed))
    return verdict.checks.filter { !$0.passed }.map(\.measure)
  }

  @Test func `a model that is surely worse fails, one that may be does not`() {
    #expect(failures(Self.task(change: -0.01, -0.015...(-0.005))) == [.auc])
    #expect(failures(Self.task(change: -0.01, -0.025...0.005)) == [])
    // Within the tolerance.
    #expect(failures(Self.task(change: -0.002, -0.003...(-0.001))) == [])
  }

  @Test func `where doubt counts against a model, it has to be shown no worse`() {
    func failures(_ interval: ClosedRange<Double>) -> [GateCheck.Measure] {
      self.failures(Self.task(change: 0, interval)) { $0.evidence = .notWorse }
    }
    #expect(failures(-0.0019...0.0019) == [])
    #expect(failures(-0.0021...0.0021) == [.auc])
    #expect(failures(-0.03...(-0.02)) == [.auc])
  }

  @Test func `calibration fails only if the number of positives can't explain it`() {
    #expect(failures(Self.task("click", Self.metrics(calibration: 1.8))) == [.calibration])
    #expect(failures(Self.task("click", Self.metrics(calibration: 0.5))) == [.calibration])
    #expect(failures(Self.task("click", Self.metrics(positives: 12, calibration: 1.8))) == [])
    #expect(
      failures(Self.task("click", Self.metrics(positives: 12, calibration: 4))) == [.calibration])
    #expect(failures(Self.task("click", Self.metrics(calibration: 1.45))) == [])
  }

  @Test func `too few positives fail`() {
    #expect(failures(Self.task("click", Self.metrics(positives: 9))) == [.positives])
    #expect(failures(Self.task("click", Self.metrics(positives: 10))) == [])
  }

  @Test func `what can't be measured doesn't pass`() {
    let none = Self.metrics(positives: 0, auc: nil, calibration: nil)
    #expect(failures(Self.task("click", none)) == [.positives, .auc, .calibration])
    #expect(
      failures(Self.task("click", none)) { $0.minimumPositives = 0 } == [.auc, .calibration])
    #expect(failures(Self.task("click", Self.metrics(auc: .nan))) == [.auc])
    #expect(failures(Self.task("click", Self.metrics(calibration: .nan))) == [.calibration])
    #expect(failures(Self.task(change: .nan)) == [.auc])
    #expect(failures(Self.task(change: 0.1, nil)) == [.auc])
    let undefined = TaskEvidence(
      task: "click", candidate: Self.metrics(), comparison: .undefined(reason: "3 bad scores"))
    #expect(failures(undefined) == [.auc])
  }

  @Test func `without a current model, and for a new task, AUC is not compared`() {
    for comparison in [TaskEvidence.Comparison.noModel, .newTask] {
      let task = TaskEvidence(
        task: "click", candidate: Self.metrics(auc: 0.4), comparison: comparison)
      #expect(failures(task) == [])
      let few = TaskEvidence(
        task: "click", candidate: Self.metrics(positives: 3), comparison: comparison)
      #expect(failures(few) == [.positives])
    }
  }

  @Test func `drift fails a model that is good by itself`() {
    let drift = GateCheck(.missing, of: "brand", value: 1, limit: 0.2, passed: false)
    let verdict = Gate(settings: .usual).verdict(tasks: [Self.task()], drift: [drift])
    #expect(!verdict.isPassed)
    #expect(verdict.checks.last == drift)
  }

  @Test func `scores of two models make the comparison`() {
    let labels: [UInt8] = [1, 1, 1, 0, 0, 0, 2]
    let good: [Float] = [0.9, 0.8, 0.3, 0.4, 0.2, 0.1, 0]
    let bad: [Float] = [0.2, 0.8, 0.3, 0.4, 0.9, 0.1, 0]
    guard
      case .difference(let value, let interval) = TaskEvidence.Comparison(
        candidate: good, current: bad, labels: labels)
    else {
      Issue.record("no difference")
      return
    }
    // Eight of nine pairs in order, and four.
    #expect(abs(value - 4.0 / 9) < 1e-12)
    #expect(interval?.contains(value) == true)
    #expect(
      TaskEvidence.Comparison(candidate: [0.1], current: [0.2], labels: [0])
        == .undefined(reason: "no positive among 1 rows"))
    #expect(
      TaskEvidence.Comparison(candidate: good, current: good, labels: labels)
        == .difference(0, interval: 0...0))
  }
}
