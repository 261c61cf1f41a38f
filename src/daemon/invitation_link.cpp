#include "invitation_link.hpp"

#include <algorithm>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::daemon {
namespace {

constexpr std::string_view scheme = "mailpod:";
constexpr std::size_t longest = 400;  // octets: a host name of 253, and a code written as people do

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

std::string write_invitation(const InvitationLink& link) {
  auto code = text::write_code(base::octets(link.secret));
  if (!link.door) return code;
  std::string out = std::string(scheme) + link.door->host;
  if (link.door->port != DoorPlace::usual_port) out += ":" + std::to_string(link.door->port);
  out += "/" + code;
  crypto::wipe(code);
  std::ranges::transform(out, out.begin(), [](char c) { return text::upper(c); });
  return out;
}

std::optional<InvitationLink> parse_invitation(std::string_view typed) {
  if (typed.size() > longest) return std::nullopt;
  auto rest = trimmed(typed);
  InvitationLink link;
  if (text::equal_fold(rest.substr(0, scheme.size()), scheme)) {
    rest.remove_prefix(scheme.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    link.door = DoorPlace::parse(text::lower(rest.substr(0, slash)));
    if (!link.door) return std::nullopt;
    rest.remove_prefix(slash + 1);
  }
  auto octets = text::parse_code(rest);
  const auto secret = octets ? base::byte_array<16>(*octets) : std::nullopt;
  if (octets) crypto::wipe(*octets);
  if (!secret) return std::nullopt;
  link.secret = *secret;
  return link;
}

}  // namespace mailpod::daemon
