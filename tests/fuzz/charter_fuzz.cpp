// Any octets as a charter. What parses is written back to a text that means the same.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/charter.hpp>

using namespace mailpod::governance;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto charter = parse_charter(octets, "charter.toml");
  if (!charter) {
    if (charter.error().text().empty() || charter.error().remedy.empty()) std::abort();
    return 0;
  }
  const std::string written = write_charter(*charter);
  // Escapes may make it longer than a signed file may be.
  if (written.size() > largest_signed_file) return 0;
  const auto again = parse_charter(written, "charter.toml");
  if (!again || *again != *charter) std::abort();
  return 0;
}
