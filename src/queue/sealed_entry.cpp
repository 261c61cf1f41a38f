#include "sealed_entry.hpp"

#include <algorithm>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/padme.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

constexpr std::string_view entry_magic = "MQUE";
constexpr std::string_view epoch_magic = "MQEK";
constexpr std::uint8_t file_version = 1;
constexpr std::string_view entry_label = "mailpod/v1/queue-entry";
constexpr std::string_view epoch_label = "mailpod/v1/queue-epoch";
constexpr std::string_view queue_label = "mailpod/v1/queue";
constexpr std::size_t head_size = 4 + 1 + 16 + 8 + 4 + 8;
constexpr std::size_t epoch_head_size = 4 + 1 + 4;
// Whatever is shorter is filled up to this, so that one recipient or two do not show.
constexpr std::uint64_t least_padded = 1024;

/// A file that is a list, sealed as a whole.
struct ListFile {
  std::string_view magic;
  std::string_view label;
};
constexpr ListFile suppressed_file{"MQSU", "mailpod/v1/queue-suppressed"};
constexpr ListFile policies_file{"MQPO", "mailpod/v1/queue-policies"};
constexpr std::size_t list_head_size = 4 + 1;

std::string write_head(const Head& head) {
  base::Encoder out;
  out.fixed(entry_magic).u8(file_version).fixed(head.id.bytes);
  out.u64(base::to_seconds(head.next_try)).u32(head.day).u64(head.padded_size);
  return out.take();
}

std::string associated_data(std::string_view label, std::string_view clear) {
  base::Encoder out;
  out.var(label).fixed(clear);
  return out.take();
}

// `u32 length | octets | zeros`
std::string pad(std::string_view octets) {
  base::Encoder out;
  out.var(octets);
  std::string padded = out.take();
  padded.resize(static_cast<std::size_t>(std::max(least_padded, crypto::padme(padded.size()))), '\0');
  return padded;
}

Result<std::string_view> unpad(std::string_view padded) {
  base::Decoder in(padded);
  const std::string_view octets = in.var();
  const bool zeros = std::ranges::all_of(in.rest(), [](char octet) { return octet == '\0'; });
  if (!in.ok() || !zeros) return Errc::damaged;
  return octets;
}

Status check_begin(base::Decoder& in, std::string_view magic) {
  if (in.fixed(magic.size()) != magic) return Errc::damaged;
  if (in.u8() != file_version) return in.ok() ? Errc::unknown_version : Errc::damaged;
  return {};
}

std::string write_list(const ListFile& kind, std::string_view list, const crypto::Key& queue_key,
                       base::Entropy& entropy) {
  base::Encoder out;
  out.fixed(kind.magic).u8(file_version);
  const std::string head = out.take();
  return head + crypto::seal(queue_key, entropy, associated_data(kind.label, head), pad(list));
}

Result<std::string> parse_list(const ListFile& kind, std::string_view file, const crypto::Key& queue_key) {
  base::Decoder in(file);
  const Status begin = check_begin(in, kind.magic);
  if (!begin) return begin.error();
  const std::string associated = associated_data(kind.label, file.substr(0, list_head_size));
  const auto padded = crypto::open(queue_key, associated, in.rest());
  if (!padded) return Errc::damaged;
  const auto list = unpad(*padded);
  if (!list) return list.error();
  return std::string(*list);
}

}  // namespace

Result<Head> parse_head(std::string_view file) {
  base::Decoder in(file);
  const Status begin = check_begin(in, entry_magic);
  if (!begin) return begin.error();
  Head head;
  head.id.bytes = in.fixed<16>();
  head.next_try = base::from_seconds(in.u64());
  head.day = in.u32();
  head.padded_size = in.u64();
  if (!in.ok()) return Errc::damaged;
  return head;
}

std::string write_entry_file(const Entry& entry, std::uint32_t day, const crypto::Key& epoch_key,
                             base::Entropy& entropy) {
  const std::string head = write_head({entry.id, entry.next_try, day, crypto::padme(entry.size)});
  std::string plain = encode(entry);
  std::string padded = pad(plain);
  const std::string sealed = crypto::seal(epoch_key, entropy, associated_data(entry_label, head), padded);
  // They hold the message's key.
  crypto::wipe(plain);
  crypto::wipe(padded);
  return head + sealed;
}

Result<Entry> parse_entry_file(std::string_view file, const crypto::Key& epoch_key) {
  const auto head = parse_head(file);
  if (!head) return head.error();
  const std::string associated = associated_data(entry_label, file.substr(0, head_size));
  auto padded = crypto::open(epoch_key, associated, file.substr(head_size));
  if (!padded) return Errc::damaged;
  const auto plain = unpad(*padded);
  if (!plain) return plain.error();
  auto entry = decode(*plain);
  crypto::wipe(*padded);
  if (!entry) return entry;
  entry->id = head->id;
  entry->next_try = head->next_try;
  if (head->padded_size != crypto::padme(entry->size)) return Errc::damaged;
  return entry;
}

std::string write_epoch_file(std::uint32_t day, const crypto::Key& epoch_key, const crypto::Key& queue_key,
                             base::Entropy& entropy) {
  base::Encoder out;
  out.fixed(epoch_magic).u8(file_version).u32(day);
  const std::string head = out.take();
  return head + crypto::seal(queue_key, entropy, associated_data(epoch_label, head), epoch_key.octets());
}

Result<crypto::Key> parse_epoch_file(std::string_view file, std::uint32_t day, const crypto::Key& queue_key) {
  base::Decoder in(file);
  const Status begin = check_begin(in, epoch_magic);
  if (!begin) return begin.error();
  if (in.u32() != day || !in.ok()) return Errc::damaged;
  const std::string associated = associated_data(epoch_label, file.substr(0, epoch_head_size));
  auto octets = crypto::open(queue_key, associated, in.rest());
  if (!octets || octets->size() != crypto::Key::size) return Errc::damaged;
  crypto::Key key = crypto::Key::copy_of(queue_key.arena(), *octets);
  crypto::wipe(*octets);
  return key;
}

std::string write_suppressed_file(std::string_view list, const crypto::Key& queue_key, base::Entropy& entropy) {
  return write_list(suppressed_file, list, queue_key, entropy);
}

Result<std::string> parse_suppressed_file(std::string_view file, const crypto::Key& queue_key) {
  return parse_list(suppressed_file, file, queue_key);
}

std::string write_policies_file(std::string_view list, const crypto::Key& queue_key, base::Entropy& entropy) {
  return write_list(policies_file, list, queue_key, entropy);
}

Result<std::string> parse_policies_file(std::string_view file, const crypto::Key& queue_key) {
  return parse_list(policies_file, file, queue_key);
}

crypto::Key queue_key_of(crypto::KeyArena& arena, const crypto::Key& server_key) {
  return crypto::hkdf_key(arena, server_key.octets(), "", queue_label);
}

}  // namespace mailpod::queue
