import Interactions
import Testing

struct StableHashTests {
  @Test func `whole numbers have SplitMix64's published outputs`() {
    #expect(StableHash.integer(0) == 0xE220_A839_7B1D_CDAF)
    #expect(StableHash.integer(1) == 0x910A_2DEC_8902_5CC1)
  }

  @Test func `bytes have the values of the reference XXH64`() {
    func hash(_ bytes: [UInt8]) -> UInt64 { StableHash.bytes(bytes, 0..<bytes.count) }
    #expect(hash([]) == 0xEF46_DB37_51D8_E999)
    #expect(hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
    #expect(hash(Array("paretorank".utf8)) == 0x5B5D_6D9A_9B27_BF91)
    #expect(hash(Array(0..<100)) == 0x6AC1_E580_3216_6597)
  }
}
