// The ParetoRank module.
