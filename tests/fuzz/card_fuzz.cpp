#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <mailpod/store/letterbox.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

// A card as somebody may have left it: the content is the fuzzer's, signed by the pod (first octet odd) or not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailpod;
  static simulation::Entropy entropy;
  static crypto::KeyArena arena;
  static const auto pod = crypto::SigningKey::random(arena, entropy);
  if (size == 0) return 0;
  std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_signed = data[0] % 2 == 1;
  MemberId member;
  if (octets.size() >= 21) member.bytes = *base::byte_array<16>(std::string_view(octets).substr(5, 16));
  if (is_signed) {
    const auto labelled = base::Encoder().var("mailpod/v1/card").fixed(octets).take();
    octets += base::octets(pod.sign(labelled));
  }
  simulation::Disk disk;
  disk.open("card", base::Disk::Open::create_new)->write_at(0, octets);
  const auto card = store::read_card(disk, "", member, pod.public_key());
  if (!card) return 0;
  if (!is_signed || card->member != member) std::abort();
  disk.make_directory("again");
  store::write_card(disk, "again", *card, pod);
  const auto again = store::read_card(disk, "again", member, pod.public_key());
  if (!again || again->drop_recipient != card->drop_recipient || again->archive_recipient != card->archive_recipient) {
    std::abort();
  }
  return 0;
}
