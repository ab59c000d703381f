import Combiners
import Foundation
import Interactions
import Matrices
import Networks
import Optimizers
import Randomness
import Training
import Workers

var g = SplitMix64(seed: 1)
let rows = 65536
let schema = InputSchema(
  tables: (0..<16).map { .init(name: "f\($0)", rowCount: 100_000, dimension: 16) },
  lookups: (0..<16).map { .init(feature: "f\($0)", table: $0) }, numbers: (0..<8).map { "n\($0)" })
let log = EncodedLog(
  schema: schema, rowCount: rows,
  lookups: (0..<16).map { _ in
    .single(Column((0..<rows).map { _ in Int32.random(in: 0..<100_000, using: &g) }))
  },
  numbers: (0..<8).map { _ in Column((0..<rows).map { _ in Float(g.normal()) }) },
  taskNames: ["a", "b", "c"],
  labels: (0..<3).map { _ in Column((0..<rows).map { _ in UInt8(g.next() & 1) }) },
  times: Column((0..<rows).map { Int64($0) }))
let net = Architecture.mmoe.make(schema: schema, taskNames: log.taskNames, settings: .init())
func bench(_ name: String, _ combining: Combining, batch: Int, micro: Int, workers: Int) {
  let opt = Optimizer()
  let w = Weights(network: net, momentCount: 2, seed: 1)
  let e = TrainingEngine(
    weights: w, schema: schema, optimizer: opt, combining: combining, batchCapacity: batch,
    microBatch: micro, workers: WorkerGroup(workerCount: workers), seed: 1)
  var best = 1e9, step = 0, last: StepReport!
  for r in 0..<8 {
    let t = Date()
    let n = 16384 / batch
    for i in 0..<n {
      step += 1; let s = ((step * batch) % rows)
      last = try! e.step(
        rows: UInt32(s)..<UInt32(s + batch), of: log, step: step, learningRate: 1e-3)
    }
    let d = -t.timeIntervalSinceNow / Double(n * batch)
    if r > 0 { best = min(best, d) }
  }
  print(
    "\(name)\tbatch \(batch)\tmicro \(micro)\tworkers \(workers)\t\(Int(1 / best)) rows/s",
    last.losses.map { $0 ?? -1 })
  if name == "static" && batch == 4096 {
    let s = ScoringEngine(
      weights: w, schema: schema, microBatch: micro, workers: WorkerGroup(workerCount: workers))
    var b = 1e9
    for _ in 0..<8 {
      let t = Date(); _ = s.scores(of: log, rows: .range(0..<16384));
      b = min(b, -t.timeIntervalSinceNow / 16384)
    }
    print("score \(Int(1 / b)) rows/s")
  }
}
let st = try! StaticWeights([1, 1, 1])
for micro in [64, 128, 256] {
  bench("static", .losses(st), batch: 4096, micro: micro, workers: 2)
}
bench("static", .losses(st), batch: 1024, micro: 128, workers: 2)
bench("static", .losses(st), batch: 4096, micro: 128, workers: 1)
bench("pcgrad", .gradients(PCGrad(seed: 1)), batch: 4096, micro: 128, workers: 2)
bench(
  "metabalance", .elements(try! MetaBalance(taskCount: 3, main: 0)), batch: 4096, micro: 128,
  workers: 2)
