// What a night finds in the ledger, and what it adds.

extension UsedRows {
  /// Chooses the rows of a night: each trains once for each task, as soon as its label is known.
  ///
  /// A row trains for a task if its label is matured, older than the evaluation window, not used for
  /// the task before, and not held; it evaluates if it lies in that window and trains for nothing, now
  /// or before. Of rows of one key the first alone counts.
  ///
  /// - Parameters:
  ///   - log: The rows from ``readFrom`` on, those of before included.
  ///   - keys: A number for each row that no other row has.
  ///   - windows: When labels are known, in the order of the log's tasks.
  ///   - other: The ledger of another model that is measured beside: rows that it has used don't
  ///     evaluate.
  /// - Returns: The rows and the log with masked labels.
  /// - Throws: ``UsedRowsError/tooManyTasks(_:)``.
  /// - Complexity: O(days · rows) for keys that are spread evenly; about 18 bytes a row while it runs,
  ///   and 2 a task after.
  public func night(
    of log: EncodedLog, keys: Column<Int64>, windows: NightWindows, besides other: UsedRows? = nil
  ) throws(UsedRowsError) -> NightRows {
    precondition(keys.count == log.rowCount, "\(keys.count) keys, \(log.rowCount) rows")
    precondition(windows.windows.count == log.taskNames.count, "a window for each task")
    try checkTasks(log.taskNames)
    let sorted = SortedKeys(keys)
    let found = find(sorted, times: log.times, trainingEnd: windows.trainingEnd)
    let isSpent = other?.used(sorted, times: log.times)
    let groups = log.requests ?? keys
    let isHeld = (0..<log.rowCount).map { windows.isHeld(groups[$0], at: log.times[$0]) }
    let starts = log.taskNames.indices.map(windows.evaluationStart)
    let newest = log.taskNames.indices.map(windows.newestMatured)
    let bits = log.taskNames.map { name in
      tasks.firstIndex(of: name).map { UInt64(1) << UInt64($0) } ?? 0
    }
    let training = log.keepingLabels { task, row in
      log.times[row] < starts[task] && !found.isBarred[row] && !isHeld[row]
        && found.masks[row] & bits[task] == 0
    }
    let evaluation = log.keepingLabels { task, row in
      log.times[row] >= starts[task] && log.times[row] <= newest[task] && !found.isBarred[row]
        && !training.isKept[row] && found.masks[row] == 0 && isSpent?[row] != true
    }
    return NightRows(
      windows: windows, training: RowSelection(training.isKept), trainingLog: training.log,
      trainingParts: training.parts, evaluation: RowSelection(evaluation.isKept),
      evaluationLog: evaluation.log, evaluationParts: evaluation.parts,
      counted: RowSelection(found.isCounted), duplicates: found.duplicates,
      tooLate: found.tooLate, keys: keys)
  }

  /// Whether each row was used for some task, or may have been.
  private func used(_ sorted: SortedKeys, times: Column<Int64>) -> [Bool] {
    var isUsed = (0..<times.count).map { times[$0] < horizon }
    for day in days {
      sorted.forEachMatch(in: day.keys) { own, other in
        if day.masks[other] != 0 { isUsed[Int(sorted.rows[own])] = true }
      }
    }
    return isUsed
  }

  /// Chooses the rows that are counted for vocabularies.
  ///
  /// - Parameters:
  ///   - times: Of the rows, ascending.
  ///   - keys: A number for each row that no other row has.
  ///   - windows: When labels are known.
  /// - Returns: The rows that no night has seen before and that are old enough to train, those of
  ///   ``NightRows/counted``.
  public func counted(
    times: Column<Int64>, keys: Column<Int64>, windows: NightWindows
  ) -> RowSelection {
    RowSelection(
      find(SortedKeys(keys), times: times, trainingEnd: windows.trainingEnd).isCounted)
  }

  /// Notes the rows of a night as used, and drops the days that are done with.
  public mutating func add(_ night: NightRows) {
    let log = night.trainingLog
    for name in log.taskNames where !tasks.contains(name) { tasks.append(name) }
    precondition(tasks.count <= Self.mostTasks, "\(tasks.count) tasks")
    for index in days.indices { days[index].masks = days[index].masks.widened(to: tasks.count) }
    let bits = log.taskNames.map { name in UInt64(1) << UInt64(tasks.firstIndex(of: name) ?? 0) }
    func mask(_ row: Int) -> UInt64 {
      var mask: UInt64 = 0
      for (task, bit) in bits.enumerated() where log.labels[task][row] != Label.unknown.rawValue {
        mask |= bit
      }
      return mask
    }
    let sorted = SortedKeys(night.keys)
    var isKnown = [Bool](repeating: false, count: sorted.keys.count)
    for index in days.indices {
      sorted.forEachMatch(in: days[index].keys) { own, other in
        isKnown[own] = true
        let mask = mask(Int(sorted.rows[own]))
        if mask != 0 { days[index].masks[other] |= mask }
      }
    }
    let next = max(horizon, night.windows.nextHorizon)
    let firstDay = Timestamp.day(next)
    days.removeAll { $0.day < firstDay }
    let start = max(horizon, Timestamp.start(ofDay: firstDay))
    var new = NewDays(
      log.times, in: TimeWindow(from: start, to: night.windows.trainingEnd),
      taskCount: tasks.count)
    for (place, row) in sorted.rows.enumerated() where !isKnown[place] {
      if let day = new.day(ofRow: Int(row)) {
        new.days[day].append(sorted.keys[place], mask(Int(row)))
      }
    }
    for rows in new.days where !rows.keys.isEmpty {
      if let index = days.firstIndex(where: { $0.day == rows.day }) {
        days[index] = days[index].merged(with: rows)
      } else {
        days.append(rows)
      }
    }
    days.sort { $0.day < $1.day }
    horizon = next
  }

  private func checkTasks(_ names: [String]) throws(UsedRowsError) {
    let count = Set(tasks).union(names).count
    guard count <= Self.mostTasks else { throw .tooManyTasks(count) }
  }

  // MARK: Looking rows up

  private struct Found {
    /// The tasks that a row was used for.
    var masks: TaskMasks
    /// Whether a row is used for nothing: it is too late, or another of the same key came before it.
    var isBarred: [Bool]
    /// Whether a row is counted for vocabularies.
    var isCounted: [Bool]
    var duplicates: Int
    var tooLate = 0
  }

  private func find(
    _ sorted: SortedKeys, times: Column<Int64>, trainingEnd: Int64
  ) -> Found {
    var found = Found(
      masks: TaskMasks(taskCount: tasks.count, count: times.count),
      isBarred: [Bool](repeating: true, count: times.count),
      isCounted: [Bool](repeating: false, count: times.count),
      duplicates: times.count - sorted.rows.count)
    for row in sorted.rows.lazy.map(Int.init) {
      if times[row] < horizon {
        found.tooLate += 1
      } else {
        found.isBarred[row] = false
        found.isCounted[row] = times[row] < trainingEnd
      }
    }
    for day in days {
      sorted.forEachMatch(in: day.keys) { own, other in
        let row = Int(sorted.rows[own])
        found.masks[row] = day.masks[other]
        found.isCounted[row] = false
      }
    }
    return found
  }
}

extension EncodedLog {
  /// The log with the known labels that `isWanted` chooses, other labels unknown; which rows have one
  /// or more of them; and each task's part.
  @inline(__always)
  fileprivate func keepingLabels(
    _ isWanted: (_ task: Int, _ row: Int) -> Bool
  ) -> (log: EncodedLog, isKept: [Bool], parts: [NightRows.Part]) {
    var log = self
    var isKept = [Bool](repeating: false, count: rowCount)
    var parts: [NightRows.Part] = []
    for task in taskNames.indices {
      var kept = [UInt8](repeating: Label.unknown.rawValue, count: rowCount)
      var part = NightRows.Part()
      for row in 0..<rowCount {
        let label = labels[task][row]
        if label == Label.unknown.rawValue || !isWanted(task, row) { continue }
        kept[row] = label
        isKept[row] = true
        part.add(label, at: times[row])
      }
      log.labels[task] = Column(kept)
      parts.append(part)
    }
    return (log, isKept, parts)
  }
}

/// The days of a log's rows, to be filled.
private struct NewDays {
  var days: [UsedDay] = []
  /// The first row of each day, ascending.
  private var starts: [Int] = []
  private var rows = 0..<0

  /// Those of the rows in a stretch of ascending times.
  init(_ times: Column<Int64>, in span: TimeWindow, taskCount: Int) {
    rows = span.rows(of: times)
    for row in rows {
      let day = Timestamp.day(times[row])
      if days.last?.day == day { continue }
      days.append(UsedDay(day: day, masks: TaskMasks(taskCount: taskCount)))
      starts.append(row)
    }
  }

  /// The place of a row's day; nil for a row outside of the stretch.
  func day(ofRow row: Int) -> Int? {
    guard rows.contains(row) else { return nil }
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }
}

extension UsedDay {
  fileprivate mutating func append(_ key: Int64, _ mask: UInt64) {
    keys.append(key)
    masks.append(mask)
  }

  /// The rows of both; no key is in both.
  fileprivate func merged(with other: UsedDay) -> UsedDay {
    var result = UsedDay(day: day, masks: TaskMasks(width: masks.width, bytes: []))
    var (own, others) = (0, 0)
    while own < keys.count || others < other.keys.count {
      if others == other.keys.count || own < keys.count && keys[own] < other.keys[others] {
        result.append(keys[own], masks[own])
        own += 1
      } else {
        result.append(other.keys[others], other.masks[others])
        others += 1
      }
    }
    return result
  }
}
