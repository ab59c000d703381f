extension EncodedLog {
  /// Copies what training reads of some rows to memory of its own.
  ///
  /// A mapped file is read one column after another, and a column's memory given back when it is
  /// copied: so the system never holds more of the file than the rows' part of a column.
  ///
  /// - Parameters:
  ///   - rows: In any order.
  ///   - stretches: Where they lie, which is read ahead.
  ///   - former: A copy of other rows of the same log, which come first.
  /// - Returns: The rows of both, without times, users, requests and keys.
  /// - Complexity: O(rows) time and memory, ``bytesPerRow`` each.
  package func copy(
    of rows: [UInt32], in stretches: [ClosedRange<Int>], after former: EncodedLog? = nil
  ) -> EncodedLog {
    let copying = RowCopying(rows: rows, stretches: stretches)
    return EncodedLog(
      schema: schema, rowCount: (former?.rowCount ?? 0) + rows.count,
      lookups: lookups.indices.map { copying.copy(lookups[$0], after: former?.lookups[$0]) },
      numbers: numbers.indices.map { copying.copy(numbers[$0], after: former?.numbers[$0]) },
      taskNames: taskNames,
      labels: labels.indices.map { copying.copy(labels[$0], after: former?.labels[$0]) },
      times: Column([]),
      weights: weights.map { copying.copy($0, after: former?.weights) })
  }
}

/// Copies the same rows of one column after another.
private struct RowCopying {
  let rows: [UInt32]
  let stretches: [ClosedRange<Int>]

  func copy<Element>(_ column: Column<Element>, after former: Column<Element>?) -> Column<Element> {
    for stretch in stretches { column.expectReading(Range(stretch)) }
    defer { column.dropPages() }
    return unsafe Column(count: (former?.count ?? 0) + rows.count) { target in
      var place = unsafe target.initialize(from: former)
      unsafe column.withUnsafeBuffer { values in
        for row in rows {
          unsafe target.initializeElement(at: place, to: values[Int(row)])
          place += 1
        }
      }
    }
  }

  func copy(_ lookup: LookupColumn, after former: LookupColumn?) -> LookupColumn {
    switch (lookup, former) {
    case (.single(let column), .single(let former)?): .single(copy(column, after: former))
    case (.single(let column), _): .single(copy(column, after: nil))
    case (.list(let values, let ends), .list(let formerValues, let formerEnds)?):
      copy(values, ends, after: formerValues, formerEnds)
    case (.list(let values, let ends), _): copy(values, ends, after: nil, nil)
    }
  }

  private func copy(
    _ values: Column<Int32>, _ ends: Column<Int64>, after formerValues: Column<Int32>?,
    _ formerEnds: Column<Int64>?
  ) -> LookupColumn {
    for stretch in stretches { ends.expectReading(Range(stretch)) }
    defer {
      ends.dropPages()
      values.dropPages()
    }
    for stretch in stretches {
      values.expectReading(
        elements(stretch.lowerBound, ends).lowerBound..<Int(ends[stretch.upperBound]))
    }
    var total = formerValues?.count ?? 0
    let newEnds = unsafe Column<Int64>(count: (formerEnds?.count ?? 0) + rows.count) { target in
      var place = unsafe target.initialize(from: formerEnds)
      for row in rows {
        total += elements(Int(row), ends).count
        unsafe target.initializeElement(at: place, to: Int64(total))
        place += 1
      }
    }
    let newValues = unsafe Column<Int32>(count: total) { target in
      var place = unsafe target.initialize(from: formerValues)
      for row in rows {
        for element in elements(Int(row), ends) {
          unsafe target.initializeElement(at: place, to: values[element])
          place += 1
        }
      }
    }
    return .list(values: newValues, ends: newEnds)
  }

  /// The elements of a row's list.
  @inline(__always)
  private func elements(_ row: Int, _ ends: Column<Int64>) -> Range<Int> {
    (row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])
  }
}

extension UnsafeMutableBufferPointer where Element: BitwiseCopyable & Sendable {
  /// Copies a column to the begin and answers what comes after it.
  fileprivate func initialize(from column: Column<Element>?) -> Int {
    guard let column else { return 0 }
    return unsafe column.withUnsafeBuffer { unsafe initialize(fromContentsOf: $0) }
  }
}
