#include "vote_options.hpp"

#include <mailpod/text/toml.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::uint64_t largest_key_file = 4096;

}  // namespace

governance::Verdict<crypto::minisign::PublicKey> public_key_option(base::Disk& disk, const std::string& given) {
  const auto key = disk.status(given)
                       ? crypto::minisign::parse_public_key_file(base::read_file(disk, given, largest_key_file))
                       : crypto::minisign::parse_public_key(given);
  if (key.has_value()) return *key;
  return Complaint{Errc::bad_value, given, 0, "is no minisign public key, nor a file that holds one",
                   "name the .pub file, or its second line: RW…"};
}

governance::Verdict<base::Time> time_option(const std::string& given) {
  if (given.find_first_not_of("0123456789-:TZ") == std::string::npos) {
    const auto table = text::parse_toml("time = " + given + "\n", text::TomlSections::plain);
    const auto* time =
        table.has_value() ? std::get_if<base::Time>(&table->entries.find("time")->second.value) : nullptr;
    if (time != nullptr) return *time;
  }
  return Complaint{Errc::bad_value, given, 0, "is no time", "write it in UTC: 2026-11-23T08:00:00Z"};
}

}  // namespace mailpod::daemon
