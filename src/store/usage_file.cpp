#include "usage_file.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/crypto/seal.hpp>

#include "maildir.hpp"

namespace mailpod::store {
namespace {

constexpr std::string_view magic = "MUSG";
constexpr std::uint8_t version = 1;
constexpr std::string_view label = "mailpod/v1/usage";
constexpr std::uint64_t largest_file = 256;  // octets

std::string path_of(const UsagePlace& place) {
  return base::join(place.folder, "usage");
}

std::string associated(const UsagePlace& place) {
  return base::Encoder().var(label).fixed(place.member.bytes).take();
}

/// Where a journal ends: every change of the vault moves it.
struct JournalEnd {
  std::string segment;
  std::uint64_t size = 0;
  friend bool operator==(const JournalEnd&, const JournalEnd&) = default;
};

JournalEnd end_of_journal(const UsagePlace& place) {
  const Maildir maildir(place.folder);
  JournalEnd end;
  for (const auto& entry : place.disk.list(maildir.log())) {
    if (entry.name.ends_with(".seg")) end.segment = std::max(end.segment, entry.name);
  }
  const auto status = place.disk.status(base::join(maildir.log(), end.segment));
  if (status) end.size = status->size;
  return end;
}

/// Sizes of the messages' files in `folder`; what goes meanwhile is not there.
std::map<MessageId, std::uint64_t> sizes_in(base::Disk& disk, const std::string& folder) {
  std::map<MessageId, std::uint64_t> sizes;
  if (!disk.status(folder)) return sizes;
  for (const auto& entry : disk.list(folder)) {
    const auto id = Maildir::parse_name(entry.name);
    const auto status = id ? disk.status(base::join(folder, entry.name)) : std::nullopt;
    if (status) sizes.emplace(*id, status->size);
  }
  return sizes;
}

}  // namespace

void keep_usage(const UsagePlace& place, base::Entropy& entropy, const Usage& usage) {
  if (place.key == nullptr) return;
  try {
    const auto end = end_of_journal(place);
    const std::string plain =
        base::Encoder().var(end.segment).u64(end.size).u64(usage.octets).u64(usage.messages).take();
    const std::string sealed = crypto::seal(*place.key, entropy, associated(place), plain);
    const std::string octets = base::Encoder().fixed(magic).u8(version).fixed(sealed).take();
    // Neither atomic nor durable, and needs not be: what is torn does not open, what is old does not fit the journal.
    const auto how = place.disk.status(path_of(place)) ? base::Disk::Open::read_write : base::Disk::Open::create_new;
    const auto file = place.disk.open(path_of(place), how);
    file->write_at(0, octets);
    file->truncate(octets.size());
  } catch (const std::system_error&) {
    // The next start counts the files.
  }
}

std::optional<Usage> kept_usage(const UsagePlace& place) {
  const auto path = path_of(place);
  if (place.key == nullptr || !place.disk.status(path)) return std::nullopt;
  const std::string octets = base::read_file(place.disk, path, largest_file);
  const std::string_view head(octets.data(), std::min(octets.size(), magic.size() + 1));
  if (head != base::Encoder().fixed(magic).u8(version).take()) return std::nullopt;
  const auto plain = crypto::open(*place.key, associated(place), std::string_view(octets).substr(head.size()));
  if (!plain) return std::nullopt;
  base::Decoder in(*plain);
  JournalEnd end;
  end.segment = in.var();
  end.size = in.u64();
  Usage usage;
  usage.octets = in.u64();
  usage.messages = in.u64();
  if (!in.ok() || !in.at_end() || end != end_of_journal(place)) return std::nullopt;
  return usage;
}

Counted count_usage(const UsagePlace& place) {
  const Maildir maildir(place.folder);
  Counted counted;
  counted.waiting = sizes_in(place.disk, maildir.fresh());
  if (const auto kept = kept_usage(place)) {
    counted.held = *kept;
  } else {
    for (const auto& [id, size] : sizes_in(place.disk, maildir.cur())) counted.held += {size, 1};
  }
  return counted;
}

Usage usage_of(const UsagePlace& closed) {
  const auto counted = count_usage(closed);
  Usage usage = counted.held;
  for (const auto& [message, size] : counted.waiting) usage += {size, 1};
  return usage;
}

}  // namespace mailpod::store
