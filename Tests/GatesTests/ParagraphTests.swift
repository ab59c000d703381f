import Gates
import RankingMetrics
import Testing

/// What somebody reads in the morning, word for word.
struct ParagraphTests {
  private func paragraph(
    _ tasks: [TaskEvidence], drift: [GateCheck]? = nil,
    _ change: (inout GateSettings) -> Void = { _ in }
  ) -> String {
    var settings = GateSettings.usual
    change(&settings)
    return Gate(settings: settings).verdict(tasks: tasks, drift: drift).paragraph
  }

  private let sound = GateTests.task("click", change: 0.0012, -0.0003...0.0027)

  @Test func `a model that passes: what moved`() {
    let drift = [
      GateCheck(
        .rows, of: "", value: 1.03, low: 0.98, high: 1.08, limit: 3, tonight: 412_345,
        former: 400_123, passed: true),
      GateCheck(
        .labelRate, of: "click", value: 1.2, low: 1.1, high: 1.3, limit: 3, tonight: 0.12,
        former: 0.1, passed: true),
      GateCheck(
        .labelRate, of: "purchase", value: 1.02, low: 0.9, high: 1.1, limit: 3, tonight: 0.0102,
        former: 0.01, passed: true),
      GateCheck(.stability, of: "brand", value: 0.002, limit: 0.503, passed: true),
      GateCheck(.stability, of: "price", value: 0.083, limit: 0.501, passed: true),
    ]
    #expect(
      paragraph([sound], drift: drift) == """
        Fit to be published: all 8 checks passed. AUC against the current model: click +0.0012 \
        (95 % interval -0.0003 to +0.0027). The data: 412,345 new rows a day after 400,123; \
        12.0 % of the labels of click positive after 10.0 %; price shifted most, with a stability \
        index of 0.083 (0.501 allowed).
        """)
  }

  @Test func `the first night: nothing to compare with`() {
    let first = TaskEvidence(task: "click", candidate: GateTests.metrics(), comparison: .noModel)
    #expect(
      paragraph([first]) == """
        Fit to be published: all 3 checks passed. There is no current model, so AUC is not \
        compared: click 0.7500. No earlier night with rows is on record, so the data are not \
        compared.
        """)
  }

  @Test func `a task that the current model lacks`() {
    let new = TaskEvidence(
      task: "return", candidate: GateTests.metrics(auc: 0.61), comparison: .newTask)
    #expect(
      paragraph([sound, new]) == """
        Fit to be published: all 6 checks passed. AUC against the current model: click +0.0012 \
        (95 % interval -0.0003 to +0.0027). The current model doesn't have these tasks, so their AUC \
        is not compared: return 0.6100. No earlier night with rows is on record, so the data are \
        not compared.
        """)
  }

  @Test func `a model that is worse and badly calibrated`() {
    let worse = GateTests.task(
      "purchase", GateTests.metrics(auc: 0.7189, calibration: 2.31), change: -0.0123,
      -0.018...(-0.0066))
    #expect(
      paragraph([sound, worse], drift: []) == """
        Not published, the current model stays: 2 of 6 checks failed. The AUC of purchase went from \
        0.7312 to 0.7189, by -0.0123 (95 % interval -0.0180 to -0.0066), beyond the tolerance of \
        0.0020: see what changed in the data or the configuration, or allow more with \
        nightly.gate.tolerance. The model predicts 2.31 times as many positives of purchase as there \
        were (95 % interval 2.12 to 2.52), outside of 0.67 to 1.50: see whether its labels are \
        complete, or allow more with nightly.gate.calibration. No earlier night with rows is on \
        record, so the data are not compared.
        """)
  }

  @Test func `a model that is published by force says so first`() {
    let worse = GateTests.task("purchase", change: -0.0123, -0.018...(-0.0066))
    let verdict = Gate(settings: .usual).verdict(tasks: [worse], drift: nil).forced(by: "a sale")
    #expect(
      verdict.paragraph.hasPrefix("Published by force (a sale): 1 of 3 checks failed. The AUC of"))
    #expect(!verdict.isPassed)
  }

  @Test func `a model that isn't shown to be no worse`() {
    let doubtful = GateTests.task("click", change: -0.001, -0.006...0.004)
    #expect(
      paragraph([doubtful]) { $0.evidence = .notWorse } == """
        Not published, the current model stays: 1 of 3 checks failed. The AUC of click may have \
        fallen by more than the tolerance of 0.0020: it changed by -0.0010 (95 % interval -0.0060 to \
        +0.0040); compare on more rows with nightly.evaluation, or let doubt count for the new model with \
        nightly.gate.evidence: worse. No earlier night with rows is on record, so the data are not \
        compared.
        """)
  }

  @Test func `a night without purchases is told once, not three times`() {
    let none = GateTests.task(
      "purchase", GateTests.metrics(positives: 0, auc: nil, calibration: nil))
    #expect(
      paragraph([none]) == """
        Not published, the current model stays: 3 of 3 checks failed. No positive of purchase is \
        among the rows on which models are compared, and 10 are needed: lengthen that window with \
        nightly.evaluation or ask for fewer with nightly.gate.minimum_positives. No earlier night \
        with rows is on record, so the data are not compared.
        """)
    #expect(
      paragraph([none]) { $0.minimumPositives = 0 } == """
        Not published, the current model stays: 2 of 3 checks failed. The AUC of purchase could not \
        be measured: no positive among 10000 rows. The calibration of purchase could not be \
        measured: no positive among 10000 rows. No earlier night with rows is on record, so the \
        data are not compared.
        """)
    let few = GateTests.task("purchase", GateTests.metrics(positives: 1))
    #expect(paragraph([few]).contains("Only 1 positive of purchase is among the rows"))
    let some = GateTests.task("purchase", GateTests.metrics(positives: 9))
    #expect(paragraph([some]).contains("Only 9 positives of purchase are among the rows"))
  }

  @Test func `too few positives: how long the comparison must be`() {
    func sentence(_ positives: Int, _ days: Double?, isHeld: Bool = false) -> String {
      var task = GateTests.task("purchase", GateTests.metrics(positives: positives))
      (task.days, task.isHeld) = (days, isHeld)
      let words = paragraph([task], drift: []) { $0.minimumPositives = 10 }
      return words.split(separator: ". ").first {
        $0.contains("purchase is") || $0.contains("purchase are")
      }
      .map(String.init) ?? words
    }
    #expect(
      sentence(3, 2) == """
        Only 3 positives of purchase are among the rows on which models are compared, and 10 are \
        needed: about 1.5 a day come to them, so set nightly.evaluation to 7 days or longer or ask for \
        fewer with nightly.gate.minimum_positives
        """)
    #expect(
      sentence(8, 1, isHeld: true) == """
        Only 8 positives of purchase are among the rows on which models are compared, and 10 are \
        needed: about 8 a day come to them, so set nightly.evaluation to 30 hours or longer, take a \
        larger nightly.holdout, for purchase is compared on held requests only, or ask for fewer with \
        nightly.gate.minimum_positives
        """)
    #expect(
      sentence(1, 7).contains("about 0.14 a day come to them, so set nightly.evaluation to 70 days")
    )
    #expect(sentence(0, 1).contains("lengthen that window with nightly.evaluation or ask"))
  }

  @Test func `each kind of drift is named with its figure and what to do`() {
    let drift = [
      GateCheck(
        .rows, of: "", value: 0.03, limit: 3, tonight: 120, former: 4_321, passed: false),
      GateCheck(
        .labelRate, of: "click", value: 4, limit: 3, tonight: 0.4, former: 0.1, passed: false),
      GateCheck(
        .labelRate, of: "cart", value: nil, limit: 3, former: 0.021, passed: false,
        note: "no label is known"),
      GateCheck(
        .missing, of: "brand", value: 0.988, limit: 0.2, tonight: 1, former: 0.012, passed: false),
      GateCheck(
        .newIDs, of: "item", value: 0.49, limit: 0.3, tonight: 0.61, former: 0.12, passed: false),
      GateCheck(.stability, of: "price", value: 1.234, limit: 0.512, passed: false),
      GateCheck(.stability, of: "age", value: 0.7, limit: 0.512, passed: false),
      GateCheck(.stability, of: "rank", value: 0.7, limit: 0.512, passed: false),
    ]
    #expect(
      paragraph([sound], drift: drift) == """
        Not published, the current model stays: 8 of 11 checks failed. There are 120 new rows a day \
        after 4,321 before, beyond a factor of 3.00: see whether the log is written as usual, or \
        allow more with nightly.gate.row_ratio. 40.0 % of the labels of click are positive after \
        10.0 % before, beyond a factor of 3.00: see whether its events are lost or counted twice, \
        or allow more with nightly.gate.label_ratio. No label of cart has become known, and 2.10 % \
        were positive before: see whether its column is still filled. Column brand is missing in \
        100 % of the new rows after 1.20 % before: find what no longer fills it, or allow more with \
        nightly.gate.missing_rise. 61.0 % of the values of item have no embedding after 12.0 % \
        before: see whether its ids are still written the same way, or allow more with \
        nightly.gate.new_id_rise. The values of price have shifted, with a stability index of 1.23 \
        where 0.51 is allowed: see whether its unit or its source changed, or allow more with \
        nightly.gate.stability. 2 more failed, see the table of checks.
        """)
  }
}
