#include "charter_addresses.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>

#include "charter_words.hpp"

namespace mailpod::governance {
namespace {

/// What TOML lets stand as a bare key and RFC 5321 §4.1.2 as a local part, in the one spelling that a charter uses.
bool is_role_name(std::string_view key) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return key.size() <= 64 && std::ranges::all_of(key, plain);
}

std::optional<MemberId> member_in(std::string_view text) {
  const auto id = MemberId::parse(text);
  return id && id->str() == text ? id : std::nullopt;
}

Charter::Addresses::Role read_role(TableReader& reader, const std::string& name) {
  Charter::Addresses::Role role;
  role.local_part = name;
  if (!is_role_name(name)) reader.refuse(name, "is no name of a role", "write the local part in lower case");
  for (const auto& who : reader.texts(name, most_in_a_role)) {
    const auto member = member_in(who);
    const bool again = who == to_maintainers ? role.maintainers
                                             : member && std::ranges::find(role.members, *member) != role.members.end();
    if (again) {
      reader.refuse(name, "names somebody twice", "name each once");
    } else if (who == to_maintainers) {
      role.maintainers = true;
    } else if (member) {
      role.members.push_back(*member);
    } else {
      reader.refuse(name, "names neither the maintainers nor a member",
                    "write \"maintainers\" or member ids, 32 lower-case hexadecimal digits");
    }
  }
  return role;
}

std::string role_text(const Charter::Addresses::Role& role) {
  std::string out;
  if (role.maintainers) out = quoted(to_maintainers);
  for (const auto& member : role.members) out += (out.empty() ? "" : ", ") + quoted(member.str());
  return fmt::format("{} = [{}]\n", role.local_part, out);
}

}  // namespace

const Charter::Addresses::Role* Charter::Addresses::find(std::string_view local_part) const {
  const auto found =
      std::ranges::find_if(roles, [&](const Role& role) { return text::equal_fold(role.local_part, local_part); });
  return found == roles.end() ? nullptr : &*found;
}

Charter::Addresses read_addresses(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[addresses]", findings);
  Charter::Addresses out;
  for (const auto& key : reader.keys()) {
    if (key != fallback_key) out.roles.push_back(read_role(reader, key));
  }
  if (out.roles.size() > most_roles)
    reader.refuse(out.roles.back().local_part, "is one role too many", fmt::format("at most {}", most_roles));
  if (reader.has(fallback_key)) {
    const auto given = reader.text(fallback_key);
    out.fallback = member_in(given);
    if (!out.fallback && given != no_fallback)
      reader.refuse(fallback_key, "is no member", "write \"none\" or a member id, 32 lower-case hexadecimal digits");
  }
  reader.finish();
  return out;
}

std::string addresses_text(const Charter::Addresses& addresses) {
  if (addresses == Charter::Addresses()) return {};
  std::string out = "\n[addresses]\n";
  for (const auto& role : addresses.roles) out += role_text(role);
  return out + fmt::format("{} = {}\n", fallback_key,
                           quoted(addresses.fallback ? addresses.fallback->str() : std::string(no_fallback)));
}

}  // namespace mailpod::governance
