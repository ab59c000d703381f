internal import Matrices

/// Gates that come to give all to a few experts, and can be differentiated all the way there.
///
/// A gate has `k` selectors. Each writes an expert's number, from 0, in `m = ⌈log₂ n⌉` binary variables
/// that a smooth step `S` makes of numbers `z`: it gives expert `e` the product `r(z)_e` over the digits of
/// `e` of `S(z_b)`, or of `1 − S(z_b)` for a digit 0. `S` is 0 up to `−γ/2`, 1 from `γ/2` on, and
/// `−2t³/γ³ + 3t/(2γ) + 1/2` between. The experts' shares are `Σ_i softmax(α)_i r(z⁽ⁱ⁾)`; once all
/// variables are 0 or 1, at most `k` of them are above 0. `α` and `z` are linear in what the gate reads, or
/// learned by themselves where the gate ``isStatic``.
///
/// A task's loss has `λ Σ_i H(r(z⁽ⁱ⁾))` beside it, `H` the entropy, which draws the variables to 0 and 1.
/// Where `n` is no power of two some numbers are no expert's, shares add up to less than 1 while they have
/// a part, and the loss also has `Σ_i 1 / Σ_e r(z⁽ⁱ⁾)_e`, without slopes once experts have all. Both are
/// means over the task's labelled rows.
///
/// Hazimeh, Zhao, Chowdhery, Sathiamoorthy, Chen, Mazumder, Hong, Chi: *DSelect-k: Differentiable
/// Selection in the Mixture of Experts with Applications to Multi-Task Learning*, NeurIPS 2021, section 3.
/// <https://arxiv.org/abs/2106.03760> Departures: below a sum of 0.1 the inverse goes on as a straight line,
/// so that slopes stay finite; a gate of several tasks adds to their losses in equal parts; biases of gates
/// that read rows start from zero, all else uniform within ±γ/100, as in the authors' program. Its `γ` is
/// the default here; the paper tunes `λ`.
public struct DSelectK: Codable, Sendable, Equatable {
  /// Most experts that a row's mixture has in the end, `k`, above 0; the paper's gates select 2 or 4.
  public var selected: Int
  /// How wide the smooth step is, `γ`, above 0.
  public var smoothStep: Double
  /// What the selectors' entropy, in nats, costs, `λ`, 0 or more; 0 leaves them as even as they like.
  public var entropy: Double
  /// Whether a gate selects the same experts for all rows.
  public var isStatic: Bool

  public init(
    selected: Int = 2, smoothStep: Double = 1, entropy: Double = 0.001, isStatic: Bool = false
  ) {
    self.selected = selected
    self.smoothStep = smoothStep
    self.entropy = entropy
    self.isStatic = isStatic
    precondition(isValid, "DSelect-k of \(self)")
  }

  private var isValid: Bool {
    1...64 ~= selected && smoothStep > 0 && smoothStep.isFinite && entropy >= 0 && entropy.isFinite
  }

  private enum CodingKeys: String, CodingKey {
    case selected, entropy
    case smoothStep = "smooth_step"
    case isStatic = "static"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    selected = try values.decode(Int.self, forKey: .selected)
    smoothStep = try values.decode(Double.self, forKey: .smoothStep)
    entropy = try values.decode(Double.self, forKey: .entropy)
    isStatic = try values.decode(Bool.self, forKey: .isStatic)
    try decoder.require(isValid ? nil : "DSelect-k of \(self)")
  }

  /// Columns of a gate over so many experts: the selectors' logits, then each one's variables.
  func codeWidth(of experts: Int) -> Int { selected * (1 + Matrix.selectionBits(of: experts)) }

  /// How far from 0 the numbers start.
  var spread: Float { Float(smoothStep / 100) }
}

extension NetworkBuilder {
  /// The shares of so many experts that `codes` select, and what they add to the losses of `tasks`.
  mutating func selectedShares(
    by codes: Activation, of experts: Int, for tasks: [Int], _ settings: DSelectK
  ) -> Activation {
    let shares = activation(width: experts)
    let isWhole = experts.nonzeroBitCount == 1
    if settings.entropy > 0 || !isWhole {
      for task in tasks {
        auxiliaryLoss(of: task) { index, term in
          SelectionPenalty(
            index: index, codes: codes, experts: experts, settings: settings,
            entropy: Float(settings.entropy / Double(tasks.count)),
            reach: isWhole ? 0 : 1 / Float(tasks.count), term: term)
        }
      }
    }
    add { SelectedShares(index: $0, codes: codes, settings: settings, shares: shares) }
    return shares
  }
}

/// The shares of experts that selectors give them.
struct SelectedShares: Layer {
  let index: Int
  /// `[rows, selected · (1 + bits)]`.
  let codes: Activation
  let settings: DSelectK
  /// `[rows, experts]`.
  let shares: Activation

  var inputs: [Activation] { [codes] }
  var outputs: [Activation] { [shares] }

  func forward(in workspace: Workspace, weights: DenseWeights) {
    workspace.values(shares).setSelection(
      by: workspace.values(codes), selectors: settings.selected, width: Float(settings.smoothStep))
  }

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.onwardBlocks(from: shares, to: codes) {
      guard let way = workspace.handover(from: shares, block: block, toInput: 0, ofLayer: index)
      else { continue }
      precondition(!way.accumulates, "one reader a gate")
      workspace.slopes(shares, block: block).propagate(
        toCodes: way.slopes, withValues: workspace.values(codes), selectors: settings.selected,
        width: Float(settings.smoothStep), scale: way.scale)
    }
  }
}

/// What it costs that selectors are undecided, or give to numbers that are no expert's.
struct SelectionPenalty: Layer {
  let index: Int
  /// `[rows, selected · (1 + bits)]`.
  let codes: Activation
  let experts: Int
  let settings: DSelectK
  /// What a nat of a selector's entropy costs.
  let entropy: Float
  /// What the inverse of the experts' sum costs.
  let reach: Float
  /// `[rows, 1]`.
  let term: Activation

  var inputs: [Activation] { [codes] }
  var outputs: [Activation] { [term] }

  func forward(in workspace: Workspace, weights: DenseWeights) {}

  func backward(in workspace: Workspace, weights: DenseWeights) {
    for block in workspace.blocks(of: term) {
      guard let way = workspace.handover(from: term, block: block, toInput: 0, ofLayer: index)
      else { continue }
      way.slopes.addSelectionPenaltySlope(
        of: workspace.values(codes), experts: experts, selectors: settings.selected,
        width: Float(settings.smoothStep), rowWeights: workspace.slopes(term, block: block),
        entropy: way.scale * entropy, reach: way.scale * reach, accumulating: way.accumulates)
    }
  }
}
