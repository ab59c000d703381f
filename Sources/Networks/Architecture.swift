public import Interactions

/// Every network that a run configuration can name.
public enum Architecture: String, Codable, Sendable, CaseIterable {
  case singleTask = "single_task"
  case sharedBottom = "shared_bottom"
  case crossStitch = "cross_stitch"
  case asymmetric
  case omoe
  case mmoe
  case cgc
  case ple
  case stem
  case esmm
  case escm2
  case aitm

  /// Whether it makes something of the tasks' order in the ``Funnel``, where nothing else is said.
  public var followsFunnel: Bool { [.asymmetric, .esmm, .escm2, .aitm].contains(self) }

  /// Whether it mixes experts by gates.
  public var hasGates: Bool { gateWidth(experts: 1, taskExperts: 1, tasks: 1) != nil }

  /// Those that mix experts by gates.
  public static let withGates = allCases.filter(\.hasGates)

  /// How many experts the narrowest of its gates mixes, of so many shared ones and so many of each task's
  /// own; nil without gates.
  public func gateWidth(experts: Int, taskExperts: Int, tasks: Int) -> Int? {
    switch self {
    case .omoe, .mmoe: experts
    case .cgc, .ple: experts + taskExperts
    case .stem: experts + tasks * taskExperts
    default: nil
    }
  }

  /// A network of this architecture for the given inputs and tasks.
  ///
  /// One that is `conditioned` takes a ``Preference``: its inputs, and what its experts, gates, bottoms
  /// and towers compute, are scaled and shifted by it. Until training changes that, it computes what the
  /// unconditioned network does. `funnel` says which task follows which, none where it is nil; most
  /// architectures take no notice. `reads` says for each task whose bottoms it reads beside its own in an
  /// ``asymmetric`` network, its predecessor's where it is nil.
  public func make(
    schema: InputSchema, taskNames: [String], settings: NetworkSettings, funnel: Funnel? = nil,
    reads: [[Int]]? = nil, conditioned: Bool = false
  ) -> Network {
    let funnel = funnel ?? .none(taskCount: taskNames.count)
    precondition(
      funnel.predecessors.count == taskNames.count,
      "a funnel of \(funnel.predecessors.count) tasks for \(taskNames.count)")
    var builder = NetworkBuilder(
      schema: schema, interactions: settings.interactions,
      attention: AttentionUnit(hidden: settings.attention, function: settings.activation),
      embeddingDropout: settings.embeddingDropout,
      preferenceTasks: conditioned ? taskNames.count : nil)
    let tasks =
      switch self {
      case .singleTask: TaskLogits(builder.singleTask(taskNames, settings))
      case .sharedBottom: TaskLogits(builder.sharedBottom(taskNames, settings))
      case .crossStitch: TaskLogits(builder.crossStitch(taskNames, settings))
      case .asymmetric:
        TaskLogits(builder.asymmetric(taskNames, settings, reads: reads ?? funnel.reads))
      case .omoe: TaskLogits(builder.omoe(taskNames, settings))
      case .mmoe: TaskLogits(builder.mmoe(taskNames, settings))
      case .cgc: TaskLogits(builder.progressiveExtraction(taskNames, settings, levels: 1))
      case .stem: TaskLogits(builder.stem(taskNames, settings))
      case .ple:
        TaskLogits(builder.progressiveExtraction(taskNames, settings, levels: settings.levels))
      case .esmm: builder.esmm(taskNames, settings, funnel)
      case .escm2: builder.escm2(taskNames, settings, funnel)
      case .aitm: builder.aitm(taskNames, settings, funnel)
      }
    return builder.build(tasks, taskNames: taskNames)
  }
}

extension NetworkBuilder {
  /// A task's tower and logit.
  mutating func tower(_ task: String, from input: Activation, _ settings: NetworkSettings)
    -> Activation
  {
    let top = tower(
      name: "\(task)/tower", from: input, widths: settings.tower, function: settings.activation,
      dropout: settings.dropout)
    return dense([Branch(name: "\(task)/logit", input: top, width: 1, function: .linear)])[0]
  }
}
