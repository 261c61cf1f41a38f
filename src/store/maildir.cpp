#include "maildir.hpp"

#include <charconv>

#include <mailpod/store/vaults.hpp>

namespace mailpod::store {
namespace {

constexpr std::size_t id_digits = 32;
constexpr std::string_view delivery = ".delivery";

}  // namespace

std::optional<MessageId> Maildir::parse_name(std::string_view name) {
  if (name.size() != id_digits) return std::nullopt;
  const auto raw = base::unhex(name);
  if (!raw || base::hex(*raw) != name) return std::nullopt;
  return base::byte_array<16>(*raw);
}

std::string UnfinishedName::str() const {
  return fmt::format("{}.{}{}", Maildir::name_for(message), base::to_seconds(begun), for_delivery ? delivery : "");
}

std::optional<UnfinishedName> UnfinishedName::parse(std::string_view name) {
  const auto message = Maildir::parse_name(name.substr(0, id_digits));
  if (!message || name.size() < id_digits + 2 || name[id_digits] != '.') return std::nullopt;
  UnfinishedName parsed;
  parsed.message = *message;
  std::string_view rest = name.substr(id_digits + 1);
  if (rest.ends_with(delivery)) {
    parsed.for_delivery = true;
    rest.remove_suffix(delivery.size());
  }
  std::uint64_t seconds = 0;
  const auto end = rest.data() + rest.size();
  const auto [stop, error] = std::from_chars(rest.data(), end, seconds);
  if (error != std::errc{} || stop != end || seconds > 0xffff'ffff'ffU) return std::nullopt;
  parsed.begun = base::from_seconds(seconds);
  return parsed;
}

void make_member_folder(base::Disk& disk, const std::string& folder) {
  const Maildir maildir(folder);
  disk.make_directory(folder);
  for (const auto* name : {"/Maildir", "/log", "/slots", "/Maildir/tmp", "/Maildir/new", "/Maildir/cur"}) {
    disk.make_directory(folder + name);
  }
  disk.sync_directory(folder + "/Maildir");
  disk.sync_directory(folder);
  const auto slash = folder.rfind('/');
  disk.sync_directory(slash == std::string::npos ? "." : folder.substr(0, slash));
}

}  // namespace mailpod::store
