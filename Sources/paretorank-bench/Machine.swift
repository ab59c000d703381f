import Foundation
import Workers

/// What the figures depend on besides the code.
enum Machine {
  static var coreCount: Int { WorkerGroup.coreCount }

  /// The processes that wanted a core in the last 1, 5 and 15 minutes.
  static var load: String {
    let all = contents("/proc/loadavg").split(separator: " ").prefix(3)
    return all.isEmpty ? "unknown" : all.joined(separator: " ")
  }

  /// Lines for the head of a report.
  static func description(builtWith flags: String) -> [String] {
    [
      "paretorank-bench, revision \(revision), built with \(flags)",
      "\(coreCount) threads on \(coreCount) cores of \(processor)",
      "instruction set: \(instructionSet)",
      "load at the start: \(load)",
    ]
  }

  private static var processor: String { information("model name") ?? "an unknown processor" }

  /// The widest vector instructions that the processor knows.
  private static var instructionSet: String {
    let flags = Set((information("flags") ?? "").split(separator: " ").map(String.init))
    let known = ["avx512f", "avx512_bf16", "amx_tile", "avx2", "fma", "sse4_2"]
      .filter(flags.contains)
    return known.isEmpty ? "unknown" : known.joined(separator: " ")
  }

  private static func information(_ key: String) -> String? {
    for line in contents("/proc/cpuinfo").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
        return parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }

  /// The commit that the working directory is at, with a plus where files differ from it.
  private static var revision: String {
    guard let revision = git("rev-parse", "--short", "HEAD"), !revision.isEmpty else {
      return "unknown"
    }
    return git("status", "--porcelain", "--untracked-files=no") == "" ? revision : revision + "+"
  }

  private static func git(_ arguments: String...) -> String? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A file of `/proc`, empty where it can't be read.
  static func contents(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
