import Gates
import RunConfiguration
import Testing

struct GateSettingsTests {
  @Test(arguments: [GateSettings.Evidence.worse, .notWorse])
  func `the gate takes every setting of the configuration`(
    evidence: GateSettings.Evidence
  ) {
    let settings = RunConfiguration.Nightly(
      gate: .init(
        tolerance: 0.1, evidence: evidence, calibration: 2, minimumPositives: 3, rowRatio: 4,
        labelRatio: 5, missingRise: 0.6, newIDRise: 0.7, stability: 8)
    ).gate
    #expect(settings.evidence.rawValue == evidence.rawValue)
    let numbers = [
      settings.tolerance, settings.calibration, settings.rowRatio, settings.labelRatio,
      settings.missingRise, settings.newIDRise, settings.stability,
    ]
    #expect(numbers == [0.1, 2, 4, 5, 0.6, 0.7, 8])
    #expect(settings.minimumPositives == 3)
  }
}
