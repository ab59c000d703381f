// swift-tools-version: 6.2
import PackageDescription

/// Shared by every Swift target: the strictest checks the compiler has.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .strictMemorySafety(), .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A library target with the strict settings.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// A test target with the strict settings.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ["TestSupport"] + dependencies, swiftSettings: strict)
}

let package = Package(
  name: "paretorank",
  products: [
    .library(name: "ParetoRank", targets: ["ParetoRank"]),
    .executable(name: "paretorank", targets: ["paretorank"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("gomp")]),
    library("Randomness"),
    library("Matrices", ["COneDNN", "CKernels"]),
    library("Interactions", ["Matrices", "Randomness"]),
    library("Files"),
    library("ColumnFiles", ["Files", "Interactions"]),
    library(
      "PostgresLogs", ["CLibPQ", "Interactions", logging],
      resources: [.embedInCode("../../schemas/paretorank.sql")]),
    library("Networks", ["Matrices", "CKernels", "Interactions", "Randomness"]),
    library("TaskLosses"),
    library("Combiners", ["Randomness"]),
    library("Optimizers", ["Matrices", "CKernels"]),
    library("Workers", ["Matrices"]),
    library(
      "RunConfiguration",
      [yams, "Gates", "Interactions", "Networks", "Combiners", "Optimizers", "RankingMetrics"],
      resources: [.embedInCode("../../schemas/run-configuration.schema.json")]),
    library(
      "Training",
      [
        "Matrices", "Interactions", "Networks", "TaskLosses", "Combiners", "Optimizers", "Workers",
        "RankingMetrics", "Randomness", "CKernels",
      ]),
    library("RankingMetrics"),
    library("Frontiers", ["Randomness", "RankingMetrics"]),
    library("Tuning", ["Frontiers", "Randomness"]),
    library("Gates", ["Interactions", "RankingMetrics", "Randomness"]),
    library("Evaluation", ["Networks", "Interactions", "Training", "RankingMetrics", "Workers"]),
    library("ModelFiles", ["Files", "Matrices", "Networks", "Interactions"]),
    library(
      "Reports", ["Files", mustache],
      resources: [.embedInCode("page.css"), .embedInCode("page.mustache")]),
    library(
      "ShopSimulation", ["Interactions", "Randomness", numerics],
      resources: [.embedInCode("../../schemas/shop.sql")]),
    library(
      "Jobs",
      [
        "PostgresLogs", "Interactions", "ColumnFiles", "Networks", "Combiners", "Optimizers",
        "Workers", "Matrices", "RankingMetrics", "Training", "Evaluation", "ModelFiles", "Files",
        "Frontiers", "Gates", "Reports", "RunConfiguration", "ShopSimulation", "TaskLosses",
        "Tuning", logging,
      ]),
    library("ParetoRank", ["Frontiers", "Jobs", "Tuning"]),
    .executableTarget(
      name: "paretorank",
      dependencies: [
        "ParetoRank", "Jobs", "RunConfiguration", "PostgresLogs", "Interactions", "ColumnFiles",
        "Frontiers", "Gates", "ModelFiles", "Reports", "ShopSimulation", "Training", "Combiners",
        "RankingMetrics", "Tuning", argumentParser, logging,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "paretorank-bench",
      dependencies: [
        "Combiners", "Interactions", "ColumnFiles", "Jobs", "Matrices", "Networks", "Optimizers",
        "PostgresLogs", "Randomness", "RankingMetrics", "RunConfiguration", "ShopSimulation",
        "Training", "Workers",
        argumentParser, logging,
      ],
      swiftSettings: strict),

    // The reference in double precision computes most of what the tests wait for.
    .target(
      name: "TestSupport", dependencies: ["Interactions", "Matrices", "Networks", "Randomness"],
      path: "Tests/TestSupport", swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .target(
      name: "DatabaseTestSupport", dependencies: ["PostgresLogs"],
      path: "Tests/DatabaseTestSupport", swiftSettings: strict),
    tests("Matrices", ["Matrices", "Randomness"]),
    tests("Randomness", ["Randomness"]),
    tests("Workers", ["Workers"]),
    tests("Interactions", ["Interactions"]),
    tests("ColumnFiles", ["ColumnFiles", "Interactions"]),
    tests("PostgresLogs", ["DatabaseTestSupport", "PostgresLogs", "Interactions"]),
    tests("Networks", ["Networks", "Matrices", "Interactions", "Randomness"]),
    tests("TaskLosses", ["TaskLosses"]),
    tests("Combiners", ["Combiners", "Randomness"]),
    tests("Optimizers", ["Optimizers", "Matrices"]),
    tests(
      "RunConfiguration",
      [
        "RunConfiguration", "Gates", "Interactions", "Networks", "Combiners", "Optimizers",
        "RankingMetrics", "Randomness",
      ]),
    tests(
      "Training",
      [
        "Training", "Networks", "Matrices", "Interactions", "Combiners", "Optimizers", "Randomness",
        "RankingMetrics", "Workers",
      ]),
    tests("RankingMetrics", ["RankingMetrics", "Randomness"]),
    tests("Frontiers", ["Frontiers", "Randomness"]),
    tests("Tuning", ["Frontiers", "Randomness", "Tuning"]),
    tests("Gates", ["Gates", "Interactions", "RankingMetrics", "Randomness"]),
    tests("Evaluation", ["Evaluation", "Interactions", "Networks", "RankingMetrics", "Workers"]),
    tests("ModelFiles", ["ModelFiles", "Interactions", "Matrices", "Networks"]),
    tests("Reports", ["Reports", "Files", "Gates", "Jobs", "RankingMetrics", "RunConfiguration"]),
    tests("ShopSimulation", ["ShopSimulation", "Interactions", numerics]),
    tests(
      "Jobs",
      [
        "ColumnFiles", "DatabaseTestSupport", "Jobs", "PostgresLogs", "RankingMetrics",
        "RunConfiguration", "ShopSimulation", "Interactions", "Optimizers", "Training", "Combiners",
        "Frontiers", "Gates", "Matrices", "Networks", "Reports", "Tuning", "Workers", logging,
      ]),
    tests(
      "Command",
      ["DatabaseTestSupport", "PostgresLogs", "Combiners", "Interactions", "Networks"]),
  ],
  swiftLanguageModes: [.v6]
)
