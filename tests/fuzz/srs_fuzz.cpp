// Any octets as a reverse path to rewrite, and as a local part to restore. What we rewrote leads back; nothing that we
// did not write leads anywhere, so the input is tried under a key of its own.

#include <cstdint>
#include <cstdlib>

#include <mailpod/delivery/srs.hpp>
#include <mailpod/members/address.hpp>
#include <mailpod/text/ascii.hpp>

using namespace mailpod;
using namespace mailpod::delivery;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static crypto::KeyArena arena;
  static const Srs srs(crypto::Key::copy_of(arena, std::string(32, 'k')));
  const auto now = base::from_seconds(1'800'000'000);
  const std::string octets(reinterpret_cast<const char*>(data), size);
  if (const auto back = srs.restore(octets, now)) require(members::Address::parse(*back).has_value());

  const auto path = srs.rewrite(octets, "pod.lab", now);
  if (!path) return 0;
  const auto address = members::Address::parse(*path);
  require(address && address->domain == "pod.lab" && Srs::is_rewritten(address->local_part));
  const auto back = srs.restore(address->local_part, now);
  require(back.has_value());
  const auto given = members::Address::parse(octets);
  if (!Srs::is_rewritten(given->local_part)) require(*back == given->str());
  require(srs.restore(text::lower(address->local_part), now).has_value());
  return 0;
}
