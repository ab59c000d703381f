import Combiners
import Foundation
import TestSupport

/// Where a kind departs from what the laws say of combiners in general, with the reason.
extension CombinerKind {
  /// Whether it gives the way that parameters go, as Adam does, and no sum of the gradients.
  var isOptimizer: Bool { self == .mtadam }

  /// What the gradient of a lone task, of this norm, is multiplied by in the first step.
  func loneFactor(norm: Double) -> Double {
    switch self {
    case .nashMTL: 1 / norm  // The step's length is √K.
    case .fairgrad: pow(norm, -2 * 2 / (2 + 1))  // n² a = a^(−1/p) with p = 2.
    case .logSum: 1 / norm  // The trial's loss is the gradient's norm.
    case .dbMTL: 0.1 / norm  // Of the log-loss, a tenth of which is in the first average.
    case .moco: 0.5  // The tracked gradient starts half way.
    case .cagrad: 1.4  // It goes 0.4 of the mean's length further.
    default: 1
    }
  }

  /// The `e` in `s^e`, by which weights grow where all gradients grow by `s`; nil without a claim.
  var scaleExponent: Double? {
    switch self {
    case .nashMTL: -1
    case .fairgrad: -4.0 / 3
    case .modo, .moco: nil  // Their learning rates count in units of the gradients.
    case .dbMTL: nil  // The logarithm of the losses has a unit.
    default: 0
    }
  }

  /// How far rounding alone may lead answers apart in a few steps.
  var tolerance: Double {
    // Sixty moves at a large learning rate multiply it.
    self == .sdmgrad ? 1e-4 : Tolerance.float32()
  }

  /// Whether a weight may be below zero.
  var mayWeighNegatively: Bool { self == .imtlG || self == .alignedMTL }

  /// Whether a step depends on random draws, and so on the order of the tasks.
  var drawsAtRandom: Bool { [.pcgrad, .gradvac, .rlw, .conditioned].contains(self) }

  /// Whether the tasks that are there share what an absent one would have had; a conditioned network is
  /// told of all.
  var forgetsAbsentTasks: Bool { self != .conditioned }

  /// Whether its paper has it that no step works against a task.
  var opposesNoTask: Bool {
    [.mgda, .mgdaUpperBound, .upgrad, .dualproj, .nashMTL, .fairgrad].contains(self)
  }
}
