// Any octets as an act and as an entry of the record. An act has only the octets that its writer makes.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/registry.hpp>

using namespace mailpod::governance;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto act = parse_act(octets, "act.toml"); act && write_act(*act) != octets) std::abort();
  if (const auto entry = parse_entry(octets, "1.entry"); entry && write_entry(*entry) != octets) std::abort();
  return 0;
}
