import Synchronization

/// One value for every worker, to be read when all are done.
final class PerWorker<Value: Sendable>: Sendable {
  private final class Slot: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
  }

  private let slots: [Slot]

  init(_ workerCount: Int, _ make: () -> Value) {
    slots = (0..<workerCount).map { _ in Slot(make()) }
  }

  /// Changes one worker's value.
  func update(_ worker: Int, _ body: (inout Value) -> Void) {
    slots[worker].value.withLock { body(&$0) }
  }

  /// The values in the order of the workers.
  var values: [Value] { slots.map { $0.value.withLock { $0 } } }
}
