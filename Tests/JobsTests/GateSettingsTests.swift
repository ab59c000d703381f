import Gates
import Jobs
import RunConfiguration
import Testing

struct GateSettingsTests {
  @Test(arguments: [RunConfiguration.Gate.Evidence.worse, .notWorse])
  func `the gate takes every setting of the configuration`(
    evidence: RunConfiguration.Gate.Evidence
  ) {
    let settings = RunConfiguration.Gate(
      tolerance: 0.1, evidence: evidence, calibration: 2, minimumPositives: 3, rowRatio: 4,
      labelRatio: 5, missingRise: 0.6, newIDRise: 0.7, stability: 8
    ).settings
    #expect(settings.evidence.rawValue == evidence.rawValue)
    let numbers = [
      settings.tolerance, settings.calibration, settings.rowRatio, settings.labelRatio,
      settings.missingRise, settings.newIDRise, settings.stability,
    ]
    #expect(numbers == [0.1, 2, 4, 5, 0.6, 0.7, 8])
    #expect(settings.minimumPositives == 3)
  }
}
