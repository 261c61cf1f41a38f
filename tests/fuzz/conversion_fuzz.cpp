#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../unit/message/converted_parts.hpp"

/// A message for a transport: whatever it is, every part decodes to what it was, it is as large as it says, it is the
/// same in whatever pieces it is read, and there is nothing left to convert.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailpod;
  using message::Transport;
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Transport transport = data[0] % 2 == 0 ? Transport::seven_bit : Transport::eight_bit;
  const base::MemorySource source(octets);
  const auto changed = message::converted_for(transport, source);
  if (!changed) return 0;
  const std::string out = message::octets_of(*changed, 1 + data[0] / 2U);
  if (out.size() != changed->size() || out != message::octets_of(*changed, 4096)) std::abort();
  if (const std::string found = message::difference(octets, out); !found.empty()) {
    std::fprintf(stderr, "%s\n", found.c_str());
    std::abort();
  }
  const base::MemorySource again(out);
  if (message::converted_for(transport, again)) std::abort();
  return 0;
}
