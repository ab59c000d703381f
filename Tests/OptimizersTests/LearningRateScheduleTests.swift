import Foundation
import Optimizers
import TestSupport
import Testing

struct LearningRateScheduleTests {
  @Test func `stays at 1 where it is constant`() {
    for step in [1, 7, 100] {
      #expect(LearningRateSchedule().share(ofStep: step, stepCount: 100) == 1)
    }
  }

  @Test(arguments: LearningRateSchedule.Shape.allCases)
  func `rises linearly while it warms up`(shape: LearningRateSchedule.Shape) {
    let schedule = LearningRateSchedule(shape: shape, warmUpSteps: 4, finalShare: 0.1)
    let shares = (1...4).map { schedule.share(ofStep: $0, stepCount: 20) }
    #expect(shares == [0.25, 0.5, 0.75, 1])
  }

  @Test(arguments: [0, 4], [0, 0.1, 1])
  func `falls along half a cosine to its final share`(warmUpSteps: Int, finalShare: Double) {
    let schedule = LearningRateSchedule(
      shape: .cosine, warmUpSteps: warmUpSteps, finalShare: finalShare)
    let length = 16
    for step in 1...length {
      let expected =
        finalShare + (1 - finalShare) * pow(cos(.pi * Double(step) / Double(2 * length)), 2)
      let share = schedule.share(ofStep: warmUpSteps + step, stepCount: warmUpSteps + length)
      #expect(abs(share - expected) < Tolerance.double)
    }
    let last = schedule.share(ofStep: warmUpSteps + length, stepCount: warmUpSteps + length)
    #expect(last == finalShare)
  }

  @Test func `stays at its final share after the last step`() {
    let schedule = LearningRateSchedule(shape: .cosine, warmUpSteps: 2, finalShare: 0.2)
    #expect(schedule.share(ofStep: 50, stepCount: 10) == 0.2)
  }

  @Test func `bears a run that is shorter than the warm-up`() {
    let schedule = LearningRateSchedule(shape: .cosine, warmUpSteps: 10, finalShare: 0)
    #expect(schedule.share(ofStep: 3, stepCount: 5) == 0.3)
    #expect(schedule.share(ofStep: 11, stepCount: 10) == 0)
  }
}
