#include "destination.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

#include <mailpod/net/error.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>

#include "numeric_address.hpp"

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using net::Family;
using Addresses = Result<net::Answer<std::string>>;

smtp::Answer our_answer(int code, std::string enhanced, std::string text) {
  smtp::Answer answer;
  answer.code = code;
  answer.enhanced = std::move(enhanced);
  answer.text = std::move(text);
  answer.by_us = true;
  return answer;
}

Route refused(int code, std::string enhanced, std::string text) {
  return {{}, our_answer(code, std::move(enhanced), std::move(text))};
}

Route lookup_failed() {
  return refused(451, "4.4.3", "DNS does not answer for this domain at present");
}

/// Bogus too: an attack or a mistake that ends, never absence.
bool is_for_now(const boost::system::error_code& error) {
  return error != net::Errc::no_such_name && error != net::Errc::no_such_record;
}

void stop_if_shutting_down(const boost::system::error_code& error) {
  if (error == net::Errc::shutting_down) throw std::system_error(net::make_error_code(net::Errc::shutting_down));
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, fits);
}

}  // namespace

Destination destination_of(std::string_view address, std::string_view pinned_route) {
  if (!pinned_route.empty()) return {{}, std::string(pinned_route)};
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view domain = address.substr(at + 1);
  // RFC 6531 §3.7.1. What has no A-labels no DNS knows.
  if (!text::is_ascii(domain)) return {text::to_ascii_domain(domain).value_or(std::string(domain)), {}};
  return {text::lower(domain), {}};
}

Destination destination_of(const Entry& entry, std::size_t recipient) {
  Destination to = destination_of(entry.recipients.at(recipient).address, entry.pinned_route);
  // RFC 8689 §5: what says that a message did not arrive goes in any case.
  to.require_tls = entry.require_tls && !entry.reverse_path.empty();
  to.tls_optional = entry.tls_optional && !entry.require_tls;
  return to;
}

std::optional<PinnedRoute> parse_pinned_route(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view place = text.substr(0, colon);
  PinnedRoute route;
  if (colon != std::string_view::npos) {
    route.port = parse_port(text.substr(colon + 1));
    if (!route.port) return std::nullopt;
  }
  if (const auto address = parse_address_literal(place)) {
    route.address = address->text;
    return route;
  }
  route.host = text::lower(place);
  if (!is_host_name(route.host) || parse_numeric_address(route.host)) return std::nullopt;
  return route;
}

bool is_pinned_route(std::string_view text) {
  return parse_pinned_route(text).has_value();
}

Guide::Guide(net::Resolver& resolver, base::Entropy& entropy, Settings settings)
    : resolver_(resolver), entropy_(entropy), settings_(std::move(settings)) {}

awaitable<Route> Guide::find(const Destination& destination) {
  Route route;
  if (!destination.pinned.empty()) {
    route = co_await by_pinned_route(destination.pinned);
  } else if (destination.domain.starts_with('[')) {
    route = by_literal(destination.domain);
  } else {
    route = co_await by_mx(destination.domain);
  }
  co_return route;
}

Route Guide::by_literal(const std::string& literal) const {
  const auto address = parse_address_literal(literal);
  if (!address) return refused(550, "5.1.2", "this address literal is none that Mailpod knows");
  if (address->reaches_ourselves && !settings_.loopback) {
    return refused(554, "5.4.6", "this address leads back to this server");
  }
  return {{Host{address->text, {address->text, settings_.port}}}, std::nullopt};
}

awaitable<Route> Guide::by_pinned_route(const std::string& text) {
  const auto pinned = parse_pinned_route(text);
  if (!pinned) co_return refused(451, "4.3.5", "the route that an administrator has set cannot be read");
  const std::uint16_t port = pinned->port.value_or(settings_.port);
  Search search;
  if (pinned->host.empty()) {
    search.hosts.push_back({pinned->address, {pinned->address, port}});
  } else {
    const Name name{pinned->host, port, false};
    co_await add_addresses(search, name);
  }
  // Whatever keeps the mail from leaving here, an administrator can change it.
  if (search.hosts.empty()) co_return refused(451, "4.4.4", "the host that an administrator has set has no address");
  co_return concluded(std::move(search));
}

awaitable<Route> Guide::by_mx(const std::string& domain) {
  Result<net::Answer<net::Mx>> answer = co_await resolver_.mx(domain);
  Search search;
  if (!answer) {
    stop_if_shutting_down(answer.error());
    if (answer.error() == net::Errc::no_such_name) co_return refused(550, "5.1.2", "there is no such domain");
    if (answer.error() != net::Errc::no_such_record) co_return lookup_failed();
    // RFC 5321 §5.1: a domain without MX is its own host.
    if (is_own(domain)) co_return refused(554, "5.4.6", "mail for this domain leads back to this server");
    const Name name{domain, settings_.port, true, true, {domain}};
    co_await add_addresses(search, name);
    co_return concluded(std::move(search));
  }
  // RFC 7505 §3. One among others means nothing.
  const bool all_null =
      std::ranges::all_of(answer->records, [](const net::Mx& record) { return record.exchange.empty(); });
  if (all_null) co_return refused(556, "5.1.10", "this domain takes no mail");

  std::vector<net::Mx> records = usable(std::move(answer->records));
  if (records.empty()) co_return refused(554, "5.4.6", "mail for this domain leads back to this server");
  shuffle_equals(records);
  for (const net::Mx& record : records) {
    if (search.hosts.size() >= settings_.hosts) break;
    // An address where a name belongs, RFC 5321 §5.1: nobody's name.
    if (parse_numeric_address(record.exchange)) continue;
    const Name name{record.exchange, settings_.port, true, answer->authentic, {domain, answer->canonical}};
    co_await add_addresses(search, name);
  }
  co_return concluded(std::move(search));
}

/// RFC 5321 §5.1: where we are among the hosts, only those before us may get it.
std::vector<net::Mx> Guide::usable(std::vector<net::Mx> records) const {
  std::erase_if(records, [](const net::Mx& record) { return record.exchange.empty(); });
  std::ranges::sort(records, {}, &net::Mx::preference);
  const auto ours = std::ranges::find_if(records, [&](const net::Mx& record) { return is_own(record.exchange); });
  if (ours == records.end()) return records;
  const std::uint16_t limit = ours->preference;
  std::erase_if(records, [&](const net::Mx& record) { return record.preference >= limit; });
  return records;
}

/// RFC 5321 §5.1: hosts of one preference share the load.
void Guide::shuffle_equals(std::vector<net::Mx>& records) {
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end = std::find_if(begin, records.end(),
                                  [&](const net::Mx& record) { return record.preference != begin->preference; });
    for (auto left = end - begin; left > 1; --left, ++begin) {
      const auto random = entropy_.bytes<8>();
      const std::uint64_t number = base::Decoder(base::octets(random)).u64();
      const auto chosen = static_cast<std::ptrdiff_t>(number % static_cast<std::uint64_t>(left));
      std::iter_swap(begin, begin + chosen);
    }
    begin = end;
  }
}

/// The addresses of a host, and what DNSSEC says of them.
struct Guide::Found {
  std::vector<std::string> six, four;
  bool is_authentic = true;  ///< all that there are
  std::string canonical;     ///< where CNAMEs led
};

/// RFC 7672 §2.2.2, §2.2.3: an alias all of whose way is signed leads to the records of the name at its end, then to
/// its own; one that leads out of what is signed, to its own alone. Nothing if DNS does not say.
awaitable<std::optional<std::vector<std::string>>> Guide::tlsa_bases(const Name& name, const Found& found) {
  std::vector<std::string> bases;
  if (!name.is_authentic || (found.six.empty() && found.four.empty())) co_return bases;
  if (found.is_authentic) {
    if (!found.canonical.empty()) bases.push_back(found.canonical);
    bases.push_back(name.name);
  } else if (!found.canonical.empty()) {
    const auto alias = co_await resolver_.cname(name.name);
    if (!alias) stop_if_shutting_down(alias.error());
    if (!alias && is_for_now(alias.error())) co_return std::nullopt;
    if (alias && alias->authentic) bases.push_back(name.name);
  }
  co_return bases;
}

awaitable<void> Guide::add_addresses(Search& search, const Name& name) {
  const Addresses six = co_await resolver_.addresses(name.name, Family::ipv6);
  const Addresses four = co_await resolver_.addresses(name.name, Family::ipv4);
  Found found;
  for (const auto& [answer, into] : {std::pair(&six, &found.six), std::pair(&four, &found.four)}) {
    if (*answer) {
      *into = (*answer)->records;
      found.is_authentic &= (*answer)->authentic;
      found.canonical = (*answer)->canonical;
    } else {
      stop_if_shutting_down(answer->error());
      search.failed_for_now |= is_for_now(answer->error());
    }
  }
  const auto bases = co_await tlsa_bases(name, found);
  if (!bases) {
    search.failed_for_now = true;
    co_return;
  }
  std::vector<std::string> names{name.name};
  std::ranges::copy_if(name.domains, std::back_inserter(names), [](const auto& domain) { return !domain.empty(); });
  // IPv6 first, but not six dead ones before the first IPv4.
  for (std::size_t i = 0; i < std::max(found.six.size(), found.four.size()); ++i) {
    for (const auto* addresses : {&found.six, &found.four}) {
      if (i >= addresses->size() || search.hosts.size() >= settings_.hosts) continue;
      const auto address = parse_numeric_address((*addresses)[i]);
      if (!address) continue;
      if (name.from_dns && address->reaches_ourselves && !settings_.loopback) {
        search.found_ourselves = true;
        continue;
      }
      search.hosts.push_back({name.name, {address->text, name.port}, name.is_authentic, *bases, names});
    }
  }
}

Route Guide::concluded(Search search) {
  if (!search.hosts.empty()) return {std::move(search.hosts), std::nullopt};
  if (search.failed_for_now) return lookup_failed();
  if (search.found_ourselves) return refused(554, "5.4.6", "mail for this domain leads back to this server");
  return refused(550, "5.4.4", "this domain has no host that takes mail");
}

bool Guide::is_own(std::string_view name) const {
  return std::ranges::any_of(settings_.own_names, [&](const std::string& own) { return text::equal_fold(own, name); });
}

}  // namespace mailpod::queue
