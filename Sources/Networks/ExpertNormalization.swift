/// Whether the outputs of experts are normalised, so that a gate weighs what is of one size.
///
/// Experts whose outputs differ in size, or are mostly zeros, get no even chance from a gate, and may be
/// left to fall out of use. With ``layer``, an expert's last layer is linear, ``LayerNorm`` follows it, and
/// then the network's activation function.
///
/// Wang, Cao, Fu, Gai, Zhou: *HoME: Hierarchy of Multi-Gate Experts for Multi-Task Learning at Kuaishou*,
/// KDD 2025, section 3.1. <https://arxiv.org/abs/2408.05430> Departures: the paper normalises over a batch,
/// here it is over a row's values, so that a row's score depends on no other row, and gradients on no
/// micro-batch; the paper's swish follows where it is the network's activation function.
public enum ExpertNormalization: String, Codable, Sendable, CaseIterable {
  case none, layer
}
