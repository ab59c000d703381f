/// The version of this product, which models and `paretorank --version` carry.
public enum ProductVersion {
  /// As in releases.
  public static let current = "0.1.0"
}
