import Combiners
import Foundation
import Interactions
import Jobs
import Matrices
import Networks
import Optimizers
import RunConfiguration
import TestSupport
import Testing
import Training
import Workers

/// A run that is killed and goes on from its checkpoints ends like one that was left alone.
struct CheckpointTests {
  struct Killed: Error {}

  /// Trains the tiny log, 41 rows in 5 steps a pass, with checkpoints in a folder of its own.
  final class Run {
    static let validations = [0.6, 0.7, 0.65]
    /// Of each task: where tasks stop by themselves, the second pass is undone and made again.
    static let taskValidations: [[Double?]] = [
      [0.7, 0.5, 0.5], [0.6, 0.6, 0.7], [0.5, 0.7, 0.6],
    ]
    static let key = CheckpointFolder.Key(data: "tiny", settings: ["three passes"])

    let path = NSTemporaryDirectory() + "/paretorank-checkpoints-\(UUID().uuidString)"
    let kind: CombinerKind
    var architecture = Architecture.mmoe
    var taskValidations = Run.taskValidations
    var schedule: TrainingSchedule
    /// What was told of checkpoints that could not be used.
    var passedOver: [String] = []

    let averageHorizon: Int?

    init(
      _ kind: CombinerKind, patience: Int? = 2, stopsByTask: Bool = false, poolRows: Int? = nil,
      averageHorizon: Int? = nil
    ) {
      self.kind = kind
      self.averageHorizon = averageHorizon
      schedule = TrainingSchedule(
        batch: 10, epochs: 3,
        learningRate: LearningRateSchedule(shape: .cosine, warmUpSteps: 3, finalShare: 0.1),
        patience: patience, stopsByTask: stopsByTask, poolRows: poolRows)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func makeEngine() throws -> TrainingEngine {
      let optimizer = Optimizer()
      let network = architecture.make(
        schema: TinyLog.schema, taskNames: TinyLog.taskNames,
        settings: NetworkSettings(experts: 2, expert: [5, 4], tower: [3], dropout: 0.1))
      return TrainingEngine(
        weights: Weights(
          network: network, momentCount: optimizer.momentCount, seed: 3, embeddingDeviation: 0.5),
        schema: TinyLog.schema, optimizer: optimizer,
        combining: try kind.make(
          settings: CombinerSettings(), taskNames: TinyLog.taskNames, seed: 11),
        batchCapacity: 10, microBatch: 4, workers: WorkerGroup(workerCount: 2), measureEvery: 2,
        averageHorizon: averageHorizon, seed: 5)
    }

    /// All that a run comes to, to the last bit.
    struct Outcome: Equatable {
      var numbers: [UInt32]
      var combining: Data
      var summaries: [EpochSummary]
      var windows: [CombiningWindow]
      var position: TrainingPosition
      /// The step at which it began.
      var firstStep = 0
    }

    /// Trains to the end, or to the step at which it is killed, with a checkpoint at every
    /// `every`-th step, where `interval` has passed.
    func train(
      killedAt step: Int? = nil, every: Int = 3, interval: Duration = .zero
    ) throws -> Outcome {
      let folder = try CheckpointFolder(path)
      let engine = try makeEngine()
      let loop = try TrainingLoop(
        engine: engine, schedule: schedule, log: TinyLog.make(rows: 45), rows: .range(2..<43))
      let found = try folder.latest(key: Self.key, for: engine) {
        passedOver.append("\($0): \($1)")
      }
      if let found { loop.resume(at: found.progress, kept: found.kept) }
      let firstStep = loop.position.step
      let summaries = try loop.run(
        validate: {
          let pass = loop.position.epoch - 1
          return PassValidation(Self.validations[pass], tasks: self.taskValidations[pass])
        },
        checkpoints: Checkpoints(every: interval) { loop in
          guard loop.position.step % every == 0 else { return }
          try folder.save(loop, key: Self.key, seconds: 1)
        },
        onProgress: { if $0.step == step { throw Killed() } })
      let weights = engine.weights
      let storages =
        [weights.dense.storage] + weights.denseMoments + weights.tables.joined().map(\.storage)
        + engine.kept.storages.map(\.storage)
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return Outcome(
        numbers: storages.flatMap { storage in
          (0..<storage.count).map { storage[$0].bitPattern }
        },
        combining: try encoder.encode(engine.combiningState), summaries: summaries,
        windows: loop.combining, position: loop.position, firstStep: firstStep)
    }

    func kill(at step: Int, every: Int = 3) {
      #expect(throws: Killed.self) { try train(killedAt: step, every: every) }
    }

    var names: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func damage(_ file: String) throws {
      let url = URL(fileURLWithPath: "\(path)/\(file)")
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: url)
    }
  }

  @Test func `a run that is told to stop is saved where it is`() throws {
    var expected = try Run(.uncertainty).train()
    let run = Run(.uncertainty)
    #expect(throws: Killed.self) {
      try run.train(killedAt: 7, every: 1, interval: .seconds(3_600))
    }
    expected.firstStep = 7
    #expect(try run.train() == expected)
  }

  /// Steps of kills, and the step from which the last run goes on: in the middle of a pass, at a
  /// checkpoint, after a pass, before the first checkpoint, in the last pass, and several times.
  static let kills: [(steps: [Int], resumes: Int)] = [
    ([7], 6), ([6], 6), ([5], 3), ([2], 0), ([15], 15), ([4, 8], 6), ([10, 11, 14], 12),
  ]

  @Test(arguments: [CombinerKind.staticWeights, .uncertainty, .pcgrad, .mtadam], kills)
  func `a killed run gives the bits of an undisturbed one`(
    kind: CombinerKind, kills: (steps: [Int], resumes: Int)
  ) throws {
    for patience in [nil, 2] {
      var expected = try Run(kind, patience: patience).train()
      let run = Run(kind, patience: patience)
      for step in kills.steps { run.kill(at: step) }
      expected.firstStep = kills.resumes
      #expect(try run.train() == expected)
      #expect(expected.summaries.count == 3 && expected.position.epoch == (patience == nil ? 3 : 2))
      #expect(run.passedOver.isEmpty)
    }
  }

  /// Kills in the pass that is undone, when it is made again, and in the next one.
  @Test(arguments: [CombinerKind.staticWeights, .pcgrad], [nil, 4])
  func `a killed run whose tasks stop by themselves gives the bits of an undisturbed one`(
    kind: CombinerKind, averageHorizon: Int?
  ) throws {
    func run() -> Run { Run(kind, patience: 1, stopsByTask: true, averageHorizon: averageHorizon) }
    var expected = try run().train()
    #expect(expected.summaries.map(\.epoch) == [1, 2, 3] && expected.position.epoch == 3)
    for (step, resumes) in [(8, 6), (13, 12)] {
      let killed = run()
      killed.kill(at: step)
      expected.firstStep = resumes
      #expect(try killed.train() == expected)
      #expect(killed.passedOver.isEmpty)
    }
  }

  /// The two passes kept at the kill are both gone back to, each by a task.
  @Test func `a killed run has all passes that its tasks may go back to`() throws {
    func run() -> Run {
      let run = Run(.staticWeights, patience: 2, stopsByTask: true)
      run.architecture = .singleTask
      run.taskValidations = [[0.7, 0.5, 0.5], [0.6, 0.7, 0.6], [0.5, 0.6, 0.7]]
      return run
    }
    var expected = try run().train()
    let killed = run()
    killed.kill(at: 13)
    let kept = killed.names.flatMap { name in
      (try? FileManager.default.subpathsOfDirectory(atPath: "\(killed.path)/\(name)")) ?? []
    }
    #expect(kept.contains { $0.hasPrefix("kept-0/") } && kept.contains { $0.hasPrefix("kept-1/") })
    expected.firstStep = 12
    #expect(try killed.train() == expected)
  }

  @Test func `a killed run of several pools gives the bits of an undisturbed one`() throws {
    var expected = try Run(.pcgrad, poolRows: 15).train()
    let whole = try Run(.pcgrad).train()
    #expect(expected.numbers != whole.numbers)
    let run = Run(.pcgrad, poolRows: 15)
    run.kill(at: 8, every: 1)
    expected.firstStep = 8
    #expect(try run.train() == expected)
  }

  @Test(arguments: kills)
  func `a killed run with an average of the weights gives the bits of an undisturbed one`(
    kills: (steps: [Int], resumes: Int)
  ) throws {
    for patience in [nil, 2] {
      var expected = try Run(.staticWeights, patience: patience, averageHorizon: 4).train()
      let plain = try Run(.staticWeights, patience: patience).train()
      #expect(expected.numbers.starts(with: plain.numbers.prefix(40)) == false)
      let run = Run(.staticWeights, patience: patience, averageHorizon: 4)
      for step in kills.steps { run.kill(at: step) }
      expected.firstStep = kills.resumes
      #expect(try run.train() == expected)
    }
  }

  @Test func `the newest two checkpoints stay, and none when all is done`() throws {
    let run = Run(.staticWeights)
    run.kill(at: 4, every: 1)
    #expect(run.names == ["checkpoint-3", "checkpoint-4"])
    run.kill(at: 6, every: 1)
    #expect(run.names == ["checkpoint-5", "checkpoint-6"])
    try CheckpointFolder(run.path).remove()
    #expect(!FileManager.default.fileExists(atPath: run.path))
  }

  @Test(arguments: [
    "weights.safetensors", "state.safetensors", "model.json", "kept-0/weights.safetensors",
  ])
  func `a damaged checkpoint is passed over for the one before`(file: String) throws {
    var expected = try Run(.mtadam).train()
    let run = Run(.mtadam)
    run.kill(at: 8, every: 1)
    try run.damage("checkpoint-8/\(file)")
    run.kill(at: 9, every: 2)
    #expect(run.passedOver.count == 1)
    #expect(run.passedOver[0].hasPrefix("\(run.path)/checkpoint-8: it is damaged ("))
    #expect(run.names == ["checkpoint-7", "checkpoint-9"])
    expected.firstStep = 8
    #expect(try run.train() == expected)
  }

  @Test func `what a killed process left half-written is no checkpoint`() throws {
    var expected = try Run(.staticWeights).train()
    let run = Run(.staticWeights)
    run.kill(at: 8, every: 1)
    let files = FileManager.default
    for file in ["weights.safetensors", "model.json"] {
      try files.removeItem(atPath: "\(run.path)/checkpoint-8/\(file)")
    }
    let partial = "\(run.path)/.checkpoint-9.partial-1-12345678"
    try files.copyItem(atPath: "\(run.path)/checkpoint-7", toPath: partial)
    expected.firstStep = 7
    #expect(try run.train(every: 100) == expected)
    #expect(run.passedOver == ["\(run.path)/checkpoint-8: it is damaged (model.json is missing)"])
    try CheckpointFolder(run.path).remove()
    #expect(run.names.isEmpty)
  }

  @Test func `a run of another key begins anew and says why`() throws {
    let run = Run(.staticWeights)
    run.kill(at: 4, every: 4)
    let keys: [(CheckpointFolder.Key, String)] = [
      (
        .init(data: "other", settings: ["three passes"]),
        "it was written for other rows or features"
      ),
      (.init(data: "tiny", settings: ["four passes"]), "it was written with other settings"),
    ]
    let engine = TrainingEngine(
      weights: Weights(
        network: Architecture.mmoe.make(
          schema: TinyLog.schema, taskNames: TinyLog.taskNames, settings: NetworkSettings()),
        momentCount: 2, seed: 1),
      schema: TinyLog.schema, optimizer: Optimizer(),
      combining: try CombinerKind.staticWeights.make(
        settings: CombinerSettings(), taskNames: TinyLog.taskNames, seed: 1),
      batchCapacity: 1, seed: 1)
    let folder = try CheckpointFolder(run.path)
    for (key, reason) in keys {
      var reasons: [String] = []
      let found = try folder.latest(key: key, for: engine) { reasons.append($1) }
      #expect(found == nil && reasons == [reason])
    }
  }

  @Test func `a folder of checkpoints is for one run at a time`() throws {
    let run = Run(.staticWeights)
    let first = try CheckpointFolder(run.path)
    let error = #expect(throws: JobError.self) { try CheckpointFolder(run.path) }
    #expect(error?.description == "another run keeps its checkpoints in \(run.path)")
    try first.remove()
  }

  @Test func `without room for a checkpoint the one before stays`() async {
    await #expect(processExitsWith: .success) {
      let run = Run(.staticWeights)
      #expect(throws: Killed.self) { try run.train(killedAt: 4) }
      try #require(run.names == ["checkpoint-1"])
      _ = signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1_024, rlim_max: 1_024)
      try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      #expect(throws: (any Error).self) { try run.train() }
      try #require(run.names == ["checkpoint-1"])
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a job whose checkpoints can't be written trains on`() throws {
    let shop = try Shop("uncheckpointed", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=2")
    let expected = try shop.train(configuration, to: "expected")
    var job = TrainJob(configuration: configuration)
    job.configuration.nightly.checkpoint = 0
    job.checkpoints = "\(shop.folder)/checkpoints"
    job.destination = "\(shop.folder)/models/found"
    job.columnDirectory = "\(shop.folder)/columns"
    let path = job.checkpoints ?? ""
    let context = JobContext(onProgress: { _ in try? FileManager.default.removeItem(atPath: path) })
    let found = try job.run(context)
    #expect(found.summaries == expected.summaries && found.combining == expected.combining)
    let bytes = try [expected, found].map { try shop.bytes("weights.safetensors", of: $0.model) }
    #expect(bytes[0] == bytes[1])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a memory that is set bounds the rows shuffled together, or is refused`() throws {
    let shop = try Shop("bounded", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let whole = try shop.train(configuration, to: "whole")
    let roomy = try shop.train(
      try shop.configuration("training.epochs=1", "training.memory=4GB"), to: "roomy")
    let bytes = try [whole, roomy].map { try shop.bytes("weights.safetensors", of: $0.model) }
    #expect(bytes[0] == bytes[1])
    let error = #expect(throws: JobError.self) {
      try shop.train(
        try shop.configuration("training.epochs=1", "training.memory=20MB"), to: "small")
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("training takes at least "))
    #expect(
      text.hasSuffix("and training.memory is 20 MB; raise it, or make tables or network smaller"))
  }
}
