// The RankingMetrics module.
