#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <mailpod/delivery/acquaintances.hpp>

// What is remembered of strangers, as the file holds it: whatever is read is written the same way. The input is filled
// up to the length that files have (first octet odd), or not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailpod::delivery;
  if (size == 0) return 0;
  std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) octets.resize((octets.size() / (16 * 1024) + 1) * (16 * 1024), '\0');
  const auto memories = decode_memories(octets);
  if (memories && encode(*memories) != octets) std::abort();
  return 0;
}
