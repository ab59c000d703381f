import Foundation
import Testing
import Training

struct TrainingPositionTests {
  @Test func `positions that were saved without earlier steps can be read`() throws {
    let position = try JSONDecoder().decode(
      TrainingPosition.self, from: Data(#"{"epoch": 2, "step": 7}"#.utf8))
    #expect(position.epoch == 2 && position.step == 7 && position.earlierSteps == 0)
  }

  @Test func `positions are read as they were saved`() throws {
    var position = TrainingPosition()
    (position.epoch, position.step, position.earlierSteps) = (1, 2, 3)
    let data = try JSONEncoder().encode(position)
    #expect(try JSONDecoder().decode(TrainingPosition.self, from: data) == position)
  }
}
