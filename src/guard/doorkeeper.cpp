#include <mailpod/guard/doorkeeper.hpp>

#include <optional>

#include <arpa/inet.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::guard {
namespace {

// Places of each table: 1 MiB for logins and for mail, 256 KiB for who is familiar.
constexpr std::size_t login_places = 65'536;
constexpr std::size_t familiar_places = 16'384;
constexpr std::size_t mail_places = 65'536;

/// 4 octets, or 16; nothing if it is no numeric address. What is mapped into IPv6 is IPv4.
std::optional<std::string> octets_of(std::string_view address) {
  const std::string text(address);
  char octets[16];
  if (::inet_pton(AF_INET, text.c_str(), octets) == 1) return std::string(octets, 4);
  if (::inet_pton(AF_INET6, text.c_str(), octets) != 1) return std::nullopt;
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::string_view all(octets, 16);
  return std::string(all.starts_with(mapped) ? all.substr(12) : all);
}

/// A familiar pair stays so for thirty days after its last login: its bucket is never full before.
constexpr Rate familiarity{1, 0};
constexpr std::uint32_t familiar_days = 30;
/// What a familiar pair may fail by itself, before it is treated as a stranger.
constexpr Rate own_failures{50, 60};
constexpr Rate joins_of_address{10, 3};
constexpr Rate joins_of_network{30, 10};

// Long names are cut: nobody is to choose how much is hashed.
std::string account_key(std::string_view account) {
  return text::lower(account.substr(0, 320));
}

std::string key(std::string_view what, std::string_view whose, std::string_view more = {}) {
  return base::Encoder().var(what).var(whose).var(more).take();
}

}  // namespace

Doorkeeper::Doorkeeper(base::Clock& clock, base::Entropy& entropy, Settings settings)
    : settings_(std::move(settings)),
      logins_(login_places, clock, entropy),
      familiar_(familiar_places, clock, entropy),
      mail_(mail_places, clock, entropy) {}

Origin Doorkeeper::origin_of(std::string_view address) const {
  const auto octets = octets_of(address);
  if (!octets) return {std::string(address), std::string(address), address.empty()};
  const bool v4 = octets->size() == 4;
  const auto settings = settings_.get();
  return {octets->substr(0, v4 ? 4 : 8), octets->substr(0, v4 ? 3 : 6), net::any_contains(settings->exempt, address)};
}

Doorkeeper::Verdict Doorkeeper::consider_login(const Origin& origin, std::string_view account) {
  using Answer = Verdict::Answer;
  if (origin.exempt) return {};
  const auto name = account_key(account);
  const auto settings = settings_.get();
  // A bucket that lacks a token is one that a login has drawn from.
  const bool familiar = !familiar_.holds(key("pair", origin.address, name), familiarity);
  if (familiar && logins_.holds(key("own", origin.address, name), own_failures)) return {};
  if (!logins_.holds(key("address", origin.address), settings->failed_logins_of_address))
    return {Answer::refused, settings->login_delay};
  const bool calm = logins_.holds(key("network", origin.network), settings->failed_logins_of_network) &&
                    logins_.holds(key("account", name), settings->failed_logins_of_account);
  if (calm) return {};
  return {Answer::delayed, settings->login_delay};
}

void Doorkeeper::login_failed(const Origin& origin, std::string_view account) {
  if (origin.exempt) return;
  const auto name = account_key(account);
  const auto settings = settings_.get();
  logins_.charge(key("own", origin.address, name), own_failures);
  logins_.charge(key("address", origin.address), settings->failed_logins_of_address);
  logins_.charge(key("network", origin.network), settings->failed_logins_of_network);
  logins_.charge(key("account", name), settings->failed_logins_of_account);
}

void Doorkeeper::login_succeeded(const Origin& origin, std::string_view account) {
  if (origin.exempt) return;
  static_assert(familiarity.an_hour == 0, "a token of familiarity comes back within a day");
  familiar_.charge(key("pair", origin.address, account_key(account)), {familiar_days, 0}, familiar_days);
}

bool Doorkeeper::take_both(std::string_view what, const Origin& origin, const Rate& of_address,
                           const Rate& of_network) {
  if (origin.exempt) return true;
  if (!mail_.take(key(what, origin.address), of_address)) return false;
  return mail_.take(key(what, origin.network, "network"), of_network);
}

bool Doorkeeper::admits_connection(const Origin& origin) {
  const auto settings = settings_.get();
  return take_both("connection", origin, settings->connections_of_address, settings->connections_of_network);
}

bool Doorkeeper::admits_visit(const Origin& origin) {
  const auto settings = settings_.get();
  return take_both("visit", origin, settings->visits_of_address, settings->visits_of_network);
}

bool Doorkeeper::admits_message(const Origin& origin) {
  const auto settings = settings_.get();
  return take_both("message", origin, settings->messages_of_address, settings->messages_of_network);
}

bool Doorkeeper::admits_recipient(const Origin& origin) {
  const auto settings = settings_.get();
  return take_both("recipient", origin, settings->recipients_of_address, settings->recipients_of_network);
}

bool Doorkeeper::admits_join(const Origin& origin) {
  return take_both("join", origin, joins_of_address, joins_of_network);
}

bool Doorkeeper::admits_message(MemberId member) {
  return mail_.take(key("member message", member.str()), settings_.get()->messages_of_member);
}

bool Doorkeeper::admits_recipient(MemberId member) {
  return mail_.take(key("member recipient", member.str()), settings_.get()->recipients_of_member);
}

}  // namespace mailpod::guard
