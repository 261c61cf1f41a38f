#include <algorithm>

#include <mailpod/members/directory.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::members {
namespace {

/// RFC 5321 §4.1.2 Dot-string, of these letters.
bool is_dot_string(std::string_view text, const text::OctetSet& letters) {
  if (text.empty() || text.size() > 64) return false;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !letters.contains(c)) return false;
    before = c;
  }
  return before != '.';
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  char before = '.';
  std::size_t label = 0;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (c != '.' && !plain) return false;
    if ((c == '.' || c == '-') && before == '.') return false;
    if (c == '.' && before == '-') return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

}  // namespace

std::string Address::key() const {
  return text::lower(local_part) + "@" + domain;
}

Result<Address> Address::parse(std::string_view text) {
  auto out = parse_reached(text);
  if (out && !is_dot_string(out->local_part, text::octets::atext)) return make_error_code(Errc::bad_address);
  return out;
}

Result<Address> Address::parse_reached(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return make_error_code(Errc::bad_address);
  Address out{std::string(text.substr(0, at)), text::lower(text.substr(at + 1))};
  const bool dot_string = is_dot_string(out.local_part, text::octets::atext | text::octets::beyond_ascii);
  if (!dot_string || !is_host_name(out.domain)) return make_error_code(Errc::bad_address);
  return out;
}

std::optional<std::vector<MemberId>> role_recipients(std::string_view local_part, const governance::Charter& charter,
                                                     base::Time at) {
  // RFC 2142 §2, §4, §5: those that a pod cannot do without.
  // And where signed files are sent: delivery::GovernanceMail.
  constexpr std::string_view always[] = {"postmaster", "abuse", "hostmaster", "governance"};
  const auto* role = charter.addresses.find(local_part);
  if (role == nullptr && std::ranges::none_of(always, [&](auto name) { return text::equal_fold(name, local_part); }))
    return std::nullopt;
  std::vector<MemberId> out;
  const auto add = [&](MemberId member) {
    if (std::ranges::find(out, member) == out.end()) out.push_back(member);
  };
  if (role != nullptr) std::ranges::for_each(role->members, add);
  if (role != nullptr && !role->maintainers) return out;
  for (const auto& maintainer : charter.maintainers) {
    if (maintainer.member && maintainer.in_term(at)) add(*maintainer.member);
  }
  return out;
}

}  // namespace mailpod::members
