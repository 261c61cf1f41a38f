// Any octets as a newcomer's file, a vouch and a candidate's admission: each has only the octets that its writer makes,
// and whatever is refused is refused with a remedy.

#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/governance/join.hpp>
#include <mailpod/governance/vouch.hpp>

using namespace mailpod::governance;

namespace {

template <class Value>
void insist(const Verdict<Value>& read, const std::string& octets, std::string (*write)(const Value&)) {
  if (read ? write(*read) != octets : read.error().remedy.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  insist(parse_join(octets, "join.toml"), octets, write_join);
  insist(parse_vouch(octets, "vouch.toml"), octets, write_vouch);
  insist(parse_confirmation(octets, "admission.toml"), octets, write_confirmation);
  // Unsigned: whatever it says, it is nobody's.
  if (read_join({"join.toml", octets, {}})) std::abort();
  return 0;
}
