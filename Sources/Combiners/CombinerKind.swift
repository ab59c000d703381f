/// Every combiner that a run configuration can name.
public enum CombinerKind: String, CaseIterable, Codable, Sendable {
  // Loss weightings.
  case staticWeights = "static"
  case uncertainty
  case imtlL = "imtl_l"
  case gls
  case logSum = "log_sum"
  case dwa, rlw, stch, famo, decayed, gradnorm
  case conditioned
  // Gradient combiners: with a main task, then without.
  case gradsimilarity, metabalance
  case pcgrad, gradvac, cagrad, mgda
  case mgdaUpperBound = "mgda_ub"
  case imtlG = "imtl_g"
  case nashMTL = "nash_mtl"
  case fairgrad
  case alignedMTL = "aligned_mtl"
  case upgrad, dualproj
  case peLTR = "pe_ltr"
  case sdmgrad, modo
  case crMOGM = "cr_mogm"
  // Element-wise combiners.
  case mtadam, graddrop
  case dbMTL = "db_mtl"
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
    let taken = takenSettings(settings)
    for name in settings.names where !taken.contains(name) {
      throw .unusedSetting(
        name: name.rawValue, combiner: rawValue, taken: taken.map(\.rawValue))
    }
    return try method.make(
      CombinerRequest(kind: self, settings: settings, taskNames: taskNames, seed: seed))
  }

  /// The settings that this kind takes; one around another kind takes that one's own too.
  private func takenSettings(_ settings: CombinerSettings) -> [CombinerSetting] {
    let taken = profile.settings.map(\.setting)
    guard self == .crMOGM, case .text(let name)? = settings[.of],
      let inner = CombinerKind(rawValue: name), inner != self
    else { return taken }
    return taken + inner.profile.ownSettings.map(\.setting).filter { !taken.contains($0) }
  }

  /// Whether its network takes the preference as an input.
  public var conditionsNetwork: Bool { self == .conditioned }

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
    case .conditioned: PreferenceWeights.self
    case .metabalance: MetaBalance.self
    case .pcgrad: PCGrad.self
    case .gradsimilarity: GradSimilarity.self
    case .mgda: MGDA.self
    case .mgdaUpperBound: MGDAUpperBound.self
    case .cagrad: CAGrad.self
    case .nashMTL: NashMTL.self
    case .fairgrad: FairGrad.self
    case .upgrad: UPGrad.self
    case .dualproj: DualProj.self
    case .gradvac: GradVac.self
    case .imtlG: IMTLG.self
    case .alignedMTL: AlignedMTL.self
    case .peLTR: PELTR.self
    case .sdmgrad: SDMGrad.self
    case .modo: MoDo.self
    case .crMOGM: SmoothedCombiner.self
    case .mtadam: MTAdam.self
    case .graddrop: GradDrop.self
    case .dbMTL: DBMTL.self
    case .excessMTL: ExcessMTL.self
    case .moco: MoCo.self
    }
  }
}
