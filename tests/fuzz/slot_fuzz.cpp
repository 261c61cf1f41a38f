// Any octets as a key slot, with a checksum that fits so that the parser is reached. What parses is written back to the
// same octets; opening it never costs more than its parameters may ask for.

#include <cstdint>
#include <cstdlib>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/members/slots.hpp>

using namespace mailpod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string octets(reinterpret_cast<const char*>(data), size);
  static_cast<void>(members::shape_of(octets));
  const auto checksum = crypto::sha256(octets);
  octets += base::octets(checksum).substr(0, 16);
  const auto slot = members::parse_slot(octets);
  if (slot && members::write_slot(*slot) != octets) std::abort();
  return 0;
}
