internal import CKernels
internal import COneDNN

/// Which way a factor of a product is read.
public enum Orientation: Sendable { case asStored, transposed }

/// `result = left · right`, or `result += left · right` where `accumulating`.
///
/// Single precision through oneDNN, on the calling thread alone; shapes must fit. Rows of the
/// factors may be strided views.
/// - Complexity: O(rows · columns · inner).
public func multiply(
  _ left: Matrix, _ leftOrientation: Orientation,
  _ right: Matrix, _ rightOrientation: Orientation,
  into result: Matrix, accumulating: Bool = false
) {
  let rows = leftOrientation == .asStored ? left.rows : left.columns
  let inner = leftOrientation == .asStored ? left.columns : left.rows
  let rightInner = rightOrientation == .asStored ? right.rows : right.columns
  let columns = rightOrientation == .asStored ? right.columns : right.rows
  precondition(
    inner == rightInner && rows == result.rows && columns == result.columns,
    "\(rows)×\(inner) times \(rightInner)×\(columns) into \(result.rows)×\(result.columns)")
  guard rows > 0, columns > 0 else { return }
  guard inner > 0 else {
    if !accumulating { result.clear() }
    return
  }
  let status = unsafe dnnl_sgemm(
    leftOrientation.code, rightOrientation.code, dnnl_dim_t(rows), dnnl_dim_t(columns),
    dnnl_dim_t(inner), 1, left.base, dnnl_dim_t(left.stride), right.base,
    dnnl_dim_t(right.stride), accumulating ? 1 : 0, result.base, dnnl_dim_t(result.stride))
  precondition(status == dnnl_success, "oneDNN refused a product: status \(status.rawValue)")
}

/// Makes oneDNN run on the calling thread alone; called once on each thread of ours.
public func useOneThreadPerProduct() { kernel_use_one_openmp_thread() }

extension Orientation {
  fileprivate var code: CChar {
    switch self {
    case .asStored: CChar(UInt8(ascii: "N"))
    case .transposed: CChar(UInt8(ascii: "T"))
    }
  }
}
