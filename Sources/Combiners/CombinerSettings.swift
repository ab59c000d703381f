/// The settings that a run gives its combiner; each kind takes some and refuses the others.
public struct CombinerSettings: Codable, Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public var values: [CombinerSetting: SettingValue]

  /// Creates settings; those left out take the combiner's defaults.
  public init(_ values: [CombinerSetting: SettingValue] = [:]) { self.values = values }

  public init(dictionaryLiteral elements: (CombinerSetting, SettingValue)...) {
    self.init(Dictionary(elements) { _, last in last })
  }

  public subscript(setting: CombinerSetting) -> SettingValue? {
    get { values[setting] }
    set { values[setting] = newValue }
  }

  /// The names of the settings that are there, in alphabetical order.
  var names: [CombinerSetting] { values.keys.sorted { $0.rawValue < $1.rawValue } }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CombinerSetting.self)
    values = [:]
    for key in container.allKeys {
      values[key] = try container.decode(SettingValue.self, forKey: key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CombinerSetting.self)
    for name in names { try container.encode(values[name], forKey: name) }
  }
}
