public import Gates
public import RunConfiguration

extension RunConfiguration.Gate {
  /// The same, as the gate takes them.
  public var settings: GateSettings {
    GateSettings(
      tolerance: tolerance, evidence: evidence == .worse ? .worse : .notWorse,
      calibration: calibration, minimumPositives: minimumPositives, rowRatio: rowRatio,
      labelRatio: labelRatio, missingRise: missingRise, newIDRise: newIDRise, stability: stability)
  }
}
