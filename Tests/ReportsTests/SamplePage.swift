import Foundation
import Reports

/// Names that are trouble for gnuplot, HTML or CSV.
let hostileNames = [
  #"a "quoted", 'single' name"#, #"back\slash\n and `date` @x_1^2 {/Bold b}"#, "two\nlines\r\n",
  "<script>alert(1)</script> & <b>", "END_OF_DATA", "{{title}} {{{title}}}", "",
  "日本語の名前", "\u{F0000}\u{10FFFD}\u{0}\u{7}", "#$data1 $(ls) %s %d",
]

extension ReportPage {
  /// A page with every kind of part and plot.
  static var sample: ReportPage {
    ReportPage(
      title: "Gains of a sample",
      summary: "Purchase gains from click, and nothing is sure about add_to_cart.",
      facts: [
        Fact("Data", "2026-03-01 00:00 up to 2026-03-08 00:00 UTC"), Fact("Rows", "1,234,567"),
        Fact("Model", "models/shop-20260308T030000Z"), Fact("Combiner", "pcgrad"),
        Fact("Version", "0.1.0"),
      ],
      sections: [
        Section(
          "Lines", explanation: "How losses fall while training goes on.",
          parts: [
            .plot(.losses), .plot(.receiverOperating), .plot(.parameters),
          ]),
        Section(
          "Points and intervals", explanation: "What trading one task for another costs.",
          parts: [.plot(.frontier), .plot(.gains), .plot(.points(over: 5))]),
        Section(
          "Fields and bars", explanation: "Numbers in two directions.",
          parts: [.plot(.cosines), .plot(.gates), .plot(.lift)]),
        Section(
          "Tables and texts", explanation: "Everything as numbers.",
          parts: [
            .table(.metrics), .paragraph("Rows are left out where their label is not known."),
            .preformatted(title: "Configuration", text: "tasks:\n  - {name: click}\n"),
          ]),
      ])
  }
}

extension Plot {
  static var losses: Plot {
    Plot(
      name: "losses", title: "Mean loss by task", explanation: "In nats; lower is better.",
      kind: .lines(
        LinePlot(
          x: PlotAxis("step"), y: PlotAxis("loss (nats)"),
          series: ["click", "add_to_cart", "purchase"].enumerated().map { task, name in
            LinePlot.Series(
              name,
              (1...12).map { step in
                let loss = 0.7 / Double(task + 1) * exp(-Double(step) / 6) + 0.1
                return LinePlot.Point(
                  Double(step) * 9_000, task == 1 && step == 5 ? nil : loss,
                  band: task == 0 ? loss - 0.03...loss + 0.03 : nil)
              })
          })))
  }

  static var receiverOperating: Plot {
    Plot(
      name: "roc", title: "Receiver operating characteristic",
      explanation: "Of all negatives and positives, how many score above each threshold.",
      kind: .lines(
        LinePlot(
          x: PlotAxis("negatives", range: 0...1, isShare: true),
          y: PlotAxis("positives", range: 0...1, isShare: true),
          series: ["click", "add_to_cart", "purchase"].enumerated().map { task, name in
            LinePlot.Series(
              name,
              (0...100).map { step in
                let x = Double(step) / 100
                return LinePlot.Point(x, pow(x, 0.6 / Double(task + 1)))
              })
          }, diagonal: "no better than chance")))
  }

  static var parameters: Plot {
    Plot(
      name: "logarithmic", title: "Rows and error", explanation: "Equal factors, equal steps.",
      kind: .lines(
        LinePlot(
          x: PlotAxis("rows", isLogarithmic: true), y: PlotAxis("error", isLogarithmic: true),
          series: [
            LinePlot.Series(
              "error", (1...5).map { LinePlot.Point(pow(10, Double($0)), pow(10, -Double($0) / 2)) }
            )
          ])))
  }

  static var frontier: Plot {
    let rules = ["pcgrad", "cagrad", "mgda", "nash_mtl", "imtl_g", "gradnorm", "uncertainty"]
    return Plot(
      name: "frontier", title: "click against purchase",
      explanation: "Right and up is better; a line joins the best of the weight sweep.",
      kind: .scatter(
        ScatterPlot(
          x: PlotAxis("click AUC"), y: PlotAxis("purchase AUC"),
          series: [
            ScatterPlot.Series(
              "frontier of the sweep",
              (0..<9).map { step in
                let angle = Double(step) / 8 * Double.pi / 2
                return ScatterPlot.Point(0.7 + 0.03 * sin(angle), 0.75 + 0.05 * cos(angle))
              }, isConnected: true),
            ScatterPlot.Series(
              "dominated",
              (0..<12).map { step in
                ScatterPlot.Point(
                  0.69 + 0.003 * Double(step), 0.76 + 0.002 * Double(step * 5 % 12))
              }),
            ScatterPlot.Series(
              "adaptive combiners",
              rules.enumerated().map { index, name in
                let (x, y) = (0.72 + 0.0012 * Double(index), 0.786 - 0.001 * Double(index * 3 % 7))
                return ScatterPlot.Point(
                  x, y, xInterval: x - 0.003...x + 0.003, yInterval: y - 0.004...y + 0.004,
                  name: name)
              }),
          ])))
  }

  static var gains: Plot {
    Plot(
      name: "gains", title: "Gain in AUC", explanation: "Beside training the main task alone.",
      kind: .forest(
        ForestPlot(
          axis: PlotAxis("AUC gain"),
          rows: [
            ForestPlot.Row("click → purchase", 0.012, interval: 0.004...0.02, verdict: .better),
            ForestPlot.Row(
              "add_to_cart → purchase", 0.002, interval: -0.004...0.008, verdict: .undecided),
            ForestPlot.Row(
              "dwell_time → click", -0.006, interval: -0.01...(-0.002), verdict: .worse),
            ForestPlot.Row("purchase → click", nil, interval: nil, verdict: .undecided),
          ])))
  }

  static func points(over axes: Int) -> Plot {
    let names = ["click", "add_to_cart", "purchase", "return", "dwell_time"]
    let lines = (0..<14).map { line -> ParallelPlot.Line in
      let values = (0..<axes).map { axis -> Double? in
        0.7 + 0.01 * Double((line * 7 + axis * 5) % 13)
      }
      let name = line == 3 ? "pcgrad" : line == 8 ? "equal weights" : "weights \(line)"
      return ParallelPlot.Line(name, values, isHighlighted: line == 3 || line == 8)
    }
    return Plot(
      name: "parallel", title: "All tasks at once", explanation: "A line is a model.",
      kind: .parallel(
        ParallelPlot(axes: Array(names.prefix(axes)), lines: lines)))
  }

  static var cosines: Plot {
    var values: [[Double?]] = (0..<3).map { row in
      (0..<12).map { cos(Double(row) + Double($0) / 3) }
    }
    values[1][4] = nil
    return Plot(
      name: "cosines", title: "Do gradients agree?", explanation: "1 agrees, −1 opposes.",
      kind: .heatMap(
        HeatMap(
          scale: .signed, rowNames: ["click, add_to_cart", "click, purchase", "cart, purchase"],
          columnNames: (0..<12).map { "\($0 * 1_000 + 1)" }, columnTitle: "first step",
          values: values)))
  }

  static var gates: Plot {
    Plot(
      name: "gates", title: "Which expert serves whom", explanation: "Shares of each gate.",
      kind: .heatMap(
        HeatMap(
          scale: .share, rowNames: ["click", "add_to_cart", "purchase"],
          columnNames: ["expert 1", "expert 2", "expert 3", "expert 4"],
          values: [[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])))
  }

  static var lift: Plot {
    Plot(
      name: "lift", title: "Lift by tenth", explanation: "Share of positives over the mean share.",
      kind: .bars(
        BarPlot(
          categoryTitle: "tenth of the rows, best scores first",
          categories: (1...10).map { "\($0)" }, y: PlotAxis("lift"),
          series: [
            BarPlot.Series("click", (1...10).map { 2.2 / Double($0) + 0.2 }),
            BarPlot.Series("purchase", (1...10).map { 5.2 / Double($0 * $0) + 0.1 }),
          ], reference: (1, "no better than chance"))))
  }

  /// Every kind of plot, with names that are trouble.
  static var hostile: [Plot] {
    let names = hostileNames
    func plot(_ kind: Plot.Kind) -> Plot {
      Plot(name: names[3], title: names[3], explanation: names[5] + names[0], kind: kind)
    }
    return [
      plot(
        .lines(
          LinePlot(
            x: PlotAxis(names[0]), y: PlotAxis(names[1]),
            series: names.map { LinePlot.Series($0, [LinePlot.Point(1, .nan)]) },
            diagonal: names[2]))),
      plot(
        .scatter(
          ScatterPlot(
            x: PlotAxis(names[2]), y: PlotAxis(names[3]),
            series: [
              ScatterPlot.Series(
                names[4], names.map { ScatterPlot.Point(1e300, .infinity, name: $0) }),
              ScatterPlot.Series(names[1], names.map { ScatterPlot.Point(2, 3, name: $0) }),
            ]))),
      plot(
        .forest(
          ForestPlot(
            axis: PlotAxis(names[5]),
            rows: names.map { ForestPlot.Row($0, 1, interval: 0...2, verdict: .better) }))),
      plot(
        .heatMap(
          HeatMap(
            scale: .signed, rowNames: names, columnNames: names, columnTitle: names[3],
            values: names.map { _ in names.map { _ in 7 } }))),
      plot(
        .bars(
          BarPlot(
            categoryTitle: names[3], categories: names, y: PlotAxis(names[1]),
            series: names.map { BarPlot.Series($0, names.map { _ in -1 }) },
            reference: (2, names[0])))),
      plot(
        .parallel(
          ParallelPlot(
            axes: names,
            lines: names.map {
              ParallelPlot.Line($0, names.map { _ in .nan }, isHighlighted: true)
            }))),
    ]
  }

  /// Every kind of plot without anything in it.
  static var empty: [Plot] {
    let axis = PlotAxis("")
    let kinds: [Plot.Kind] = [
      .lines(LinePlot(x: axis, y: axis, series: [])),
      .lines(LinePlot(x: axis, y: axis, series: [LinePlot.Series("", [])])),
      .scatter(ScatterPlot(x: axis, y: axis, series: [])),
      .forest(ForestPlot(axis: axis, rows: [])),
      .heatMap(HeatMap(scale: .share, rowNames: [], columnNames: [], values: [])),
      .bars(BarPlot(categoryTitle: "", categories: [], y: axis, series: [])),
      .parallel(ParallelPlot(axes: [], lines: [])),
    ]
    return kinds.map { Plot(name: "", title: "", explanation: "", kind: $0) }
  }
}

extension ReportTable {
  static var metrics: ReportTable {
    ReportTable(
      [
        Column("task", .leading), Column("rows"), Column("positives"), Column("AUC"),
        Column("95 % interval"), Column("GAUC"), Column("log loss"), Column("calibration"),
      ],
      rows: [
        [
          "click", "1,234,567", "98,765", "0.7312", "0.7298 to 0.7326", "0.6812", "0.2312", "1.012",
        ],
        [
          "purchase", "1,234,567", "9,876", "0.8312", "0.8298 to 0.8326", "0.7812", "0.0312",
          "0.99",
        ],
      ])
  }
}
