#include <mailpod/delivery/srs.hpp>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/members/address.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::delivery {
namespace {

using members::Address;

constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view separators = "=+-";  // after SRS0 and SRS1; which one is the writer's choice
constexpr std::size_t hash_digits = 6;
constexpr std::uint32_t days = 1024;  // that two digits can tell apart

std::string day_text(base::Time now) {
  const std::uint32_t day = base::to_day(now) % days;
  return {digits[day / 32], digits[day % 32]};
}

/// How many days ago it was, as far as two digits tell; nothing if they are no digits.
std::optional<std::uint32_t> age_of(std::string_view day, base::Time now) {
  if (day.size() != 2) return std::nullopt;
  const auto high = digits.find(text::lower(day[0]));
  const auto low = digits.find(text::lower(day[1]));
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  const auto then = static_cast<std::uint32_t>(high * 32 + low);
  return (base::to_day(now) % days + days - then) % days;
}

/// What follows `SRS0` or `SRS1`, from its separator on; empty if `local_part` is none.
std::string_view after(std::string_view kind, std::string_view local_part) {
  if (local_part.size() <= kind.size() || !text::equal_fold(local_part.substr(0, kind.size()), kind)) return {};
  const auto rest = local_part.substr(kind.size());
  return separators.find(rest.front()) == std::string_view::npos ? std::string_view() : rest;
}

/// What stands before the next `=`, which is passed; nothing if there is none.
std::optional<std::string_view> take(std::string_view& rest) {
  const auto end = rest.find('=');
  if (end == std::string_view::npos) return std::nullopt;
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return taken;
}

/// `host=<separator><rest>`: the first forwarder, and what its own local part said.
struct Chain {
  std::string_view host;
  std::string_view rest;
};
std::optional<Chain> chain_of(std::string_view text) {
  const auto host = take(text);
  if (!host || text.empty() || separators.find(text.front()) == std::string_view::npos) return std::nullopt;
  return Chain{*host, text};
}

std::optional<std::string> if_address(const std::string& text) {
  const auto address = Address::parse(text);
  return address ? std::optional(address->str()) : std::nullopt;
}

/// The path that the first forwarder wrote, which is whom the second one's leads back to.
std::optional<std::string> first_path(std::string_view text) {
  const auto chain = chain_of(text);
  return chain ? if_address("SRS0" + std::string(chain->rest) + "@" + std::string(chain->host)) : std::nullopt;
}

}  // namespace

std::string Srs::hash(std::string_view kind, std::string_view rest) const {
  const auto mac = crypto::hmac_sha256(key_.octets(), text::lower(std::string(kind) + std::string(rest)));
  std::string out;
  for (std::size_t i = 0; i < hash_digits; ++i) out += digits[mac.at(i) & 31U];
  return out;
}

std::optional<std::string> Srs::rewrite(std::string_view reverse_path, std::string_view domain, base::Time now) const {
  const auto address = Address::parse(reverse_path);
  if (!address) return std::nullopt;
  std::string kind = "SRS1";
  std::string rest;
  if (const auto zero = after("SRS0", address->local_part); !zero.empty()) {
    rest = address->domain + "=" + std::string(zero);
  } else if (auto one = after("SRS1", address->local_part); !one.empty()) {
    one.remove_prefix(1);
    // What would lead nowhere is not passed on.
    if (!take(one) || !first_path(one)) return std::nullopt;
    rest = std::string(one);
  } else {
    kind = "SRS0";
    rest = day_text(now) + "=" + address->domain + "=" + address->local_part;
  }
  const std::string local_part = kind + "=" + hash(kind, rest) + "=" + rest;
  return if_address(local_part + "@" + std::string(domain));
}

bool Srs::is_rewritten(std::string_view local_part) {
  return !after("SRS0", local_part).empty() || !after("SRS1", local_part).empty();
}

std::optional<std::string> Srs::restore(std::string_view local_part, base::Time now) const {
  const bool zero = !after("SRS0", local_part).empty();
  const std::string_view kind = zero ? "SRS0" : "SRS1";
  auto rest = after(kind, local_part);
  if (rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  const auto given = take(rest);
  if (!given || !crypto::equal_in_constant_time(text::lower(*given), hash(kind, rest))) return std::nullopt;
  if (!zero) return first_path(rest);
  const auto day = take(rest);
  const auto age = day ? age_of(*day, now) : std::nullopt;
  if (!age || *age > valid_days) return std::nullopt;
  const auto host = take(rest);
  return host ? if_address(std::string(rest) + "@" + std::string(*host)) : std::nullopt;
}

}  // namespace mailpod::delivery
