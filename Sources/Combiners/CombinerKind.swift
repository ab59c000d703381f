/// Every combiner that a run configuration can name.
public enum CombinerKind: String, CaseIterable, Codable, Sendable {
  case staticWeights = "static"
  case uncertainty
  case imtlL = "imtl_l"
  case gls
  case logSum = "log_sum"
  case dwa
  case rlw
  case stch
  case famo
  case gradnorm
  case decayed
  case pcgrad
  case metabalance
  case dbMTL = "db_mtl"
  case mtadam
  case graddrop
  case excessMTL = "excess_mtl"
  case moco

  /// What lists, help and the schema say of it.
  public var profile: CombinerProfile { method.profile }

  /// A fresh combiner of this kind for the given tasks.
  ///
  /// Settings left out take the defaults of ``profile``; `seed` fixes what a combiner draws at random.
  /// - Throws: ``CombinerError`` where a setting is out of range, is not one that this kind takes,
  ///   names an unknown task, or is missing.
  public func make(
    settings: CombinerSettings = CombinerSettings(), taskNames: [String], seed: UInt64
  ) throws(CombinerError) -> Combining {
    let taken = profile.settings.map(\.setting)
    for name in settings.names where !taken.contains(name) {
      throw .unusedSetting(
        name: name.rawValue, combiner: rawValue, taken: taken.map(\.rawValue))
    }
    return try method.make(
      CombinerRequest(kind: self, settings: settings, taskNames: taskNames, seed: seed))
  }

  /// The type that is named.
  private var method: any NamedCombiner.Type {
    switch self {
    case .staticWeights: StaticWeights.self
    case .uncertainty: UncertaintyWeighting.self
    case .imtlL: IMTLL.self
    case .gls: GeometricLoss.self
    case .logSum: LogLossSum.self
    case .dwa: DWA.self
    case .rlw: RLW.self
    case .stch: STCH.self
    case .famo: FAMO.self
    case .gradnorm: GradNorm.self
    case .decayed: DecayedWeights.self
    case .metabalance: MetaBalance.self
    case .pcgrad: PCGrad.self
    case .dbMTL: DBMTL.self
    case .mtadam: MTAdam.self
    case .graddrop: GradDrop.self
    case .excessMTL: ExcessMTL.self
    case .moco: MoCo.self
    }
  }
}
