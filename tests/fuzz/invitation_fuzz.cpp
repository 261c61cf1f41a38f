// Any octets as an invitation that somebody types or scans. What is read has one meaning, which its own writing has
// too.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "../../src/daemon/invitation_link.hpp"

using namespace mailpod::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string typed(reinterpret_cast<const char*>(data), size);
  const auto link = parse_invitation(typed);
  if (!link) return 0;
  if (size > 400) std::abort();
  const auto again = parse_invitation(write_invitation(*link));
  if (!again || again->secret != link->secret || again->door.has_value() != link->door.has_value()) std::abort();
  if (link->door && (again->door->host != link->door->host || again->door->port != link->door->port)) std::abort();
  return 0;
}
