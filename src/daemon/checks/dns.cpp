#include <algorithm>
#include <set>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "checks.hpp"

namespace mailpod::daemon {
namespace {

using boost::asio::awaitable;

/// For one question; a check is to end while somebody waits for it.
constexpr std::chrono::seconds patience{5};

bool is_absence(const boost::system::error_code& error) {
  return error == make_error_code(net::Errc::no_such_name) || error == make_error_code(net::Errc::no_such_record);
}

awaitable<std::vector<std::string>> addresses_of(net::Resolver& resolver, std::string host) {
  std::vector<std::string> all;
  for (const auto family : {net::Family::ipv4, net::Family::ipv6}) {
    auto question = resolver.addresses(host, family);
    const auto answer = co_await std::move(question);
    if (answer) all.insert(all.end(), answer->records.begin(), answer->records.end());
  }
  co_return all;
}

awaitable<void> check_addresses(Findings& findings, net::Resolver& resolver, std::string host,
                                std::vector<std::string> own) {
  auto question = addresses_of(resolver, host);
  const auto addresses = co_await std::move(question);
  if (addresses.empty()) {
    findings.note(host + " has no address in DNS", "publish an A record, and AAAA if this machine has IPv6");
    co_return;
  }
  for (const auto& address : addresses) {
    if (std::ranges::find(own, address) == own.end())
      findings.note(host + " is at " + address + ", which is no address of this machine",
                    "mend the record, or, behind a router, see that it forwards the ports");
    auto asking = resolver.ptr(address);
    const auto names = co_await std::move(asking);
    if (names && std::ranges::find(names->records, host) != names->records.end()) {
      findings.ok(address + " leads back to " + host);
    } else {
      findings.note(address + " does not lead back to " + host,
                    "ask whoever gave you the address for this PTR record: many servers refuse mail without");
    }
  }
}

/// One TXT record that begins so.
awaitable<void> check_text(Findings& findings, net::Resolver& resolver, std::string name, std::string beginning,
                           std::string advice) {
  auto question = resolver.txt(name);
  const auto answer = co_await std::move(question);
  const auto begins = [&](const std::string& text) { return text.starts_with(beginning); };
  const auto count = answer ? std::ranges::count_if(answer->records, begins) : 0;
  if (count == 1) {
    findings.ok(name + " has a record " + beginning);
  } else {
    findings.note(fmt::format("{} has {} records {}", name, count, beginning), std::move(advice));
  }
}

/// False if DNS does not answer, so that nothing else need be asked.
awaitable<bool> check_domain(Findings& findings, net::Resolver& resolver, std::string domain, std::string host) {
  auto question = resolver.mx(domain);
  const auto mx = co_await std::move(question);
  if (!mx && !is_absence(mx.error())) {
    findings.note("DNS does not answer for " + domain, "see [dns], and /etc/resolv.conf");
    co_return false;
  }
  const auto is_ours = [&](const net::Mx& record) { return record.exchange == host; };
  if (mx && std::ranges::any_of(mx->records, is_ours)) {
    findings.ok("mail for " + domain + " is sent to " + host);
  } else {
    findings.note("no MX record of " + domain + " names " + host,
                  "publish `" + domain + ". MX 10 " + host + ".`, or set pod.host_name");
  }
  auto spf = check_text(findings, resolver, domain, "v=spf1", "publish one, such as \"v=spf1 mx -all\"");
  co_await std::move(spf);
  auto dmarc = check_text(findings, resolver, "_dmarc." + domain, "v=DMARC1",
                          "publish one, such as \"v=DMARC1; p=none; rua=mailto:postmaster@" + domain + "\"");
  co_await std::move(dmarc);
  co_return true;
}

awaitable<void> check_key(Findings& findings, net::Resolver& resolver, std::string name, std::string text) {
  auto question = resolver.txt(name);
  const auto answer = co_await std::move(question);
  if (answer && std::ranges::find(answer->records, text) != answer->records.end()) {
    findings.ok(name + " is the key that signs");
  } else {
    findings.note(name + " is not the key that signs", "publish it: `mailpod dkim records`");
  }
}

/// The record that says there is a policy, and the host that has it. RFC 8461 §3.1
awaitable<void> check_mta_sts(Findings& findings, net::Resolver& resolver, std::string domain, std::string record) {
  const std::string name = "_mta-sts." + domain;
  auto question = resolver.txt(name);
  const auto answer = co_await std::move(question);
  if (answer && std::ranges::find(answer->records, record) != answer->records.end()) {
    findings.ok(name + " tells of the policy that is served");
  } else {
    findings.note(name + " does not tell of the MTA-STS policy that is served",
                  "publish `" + name + ". TXT \"" + record + "\"`, and again whenever the policy changes");
  }
  auto finding = addresses_of(resolver, "mta-sts." + domain);
  const auto addresses = co_await std::move(finding);
  if (addresses.empty())
    findings.note("mta-sts." + domain + " has no address in DNS",
                  "publish it as a CNAME of the host: the policy is asked for there");
}

std::vector<std::string> own_addresses() {
  std::vector<std::string> all;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return all;
  for (const auto* each = first; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    char text[INET6_ADDRSTRLEN] = {};
    const int family = each->ifa_addr->sa_family;
    if (family == AF_INET)
      ::inet_ntop(family, &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr, text, sizeof text);
    if (family == AF_INET6)
      ::inet_ntop(family, &reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr, text, sizeof text);
    if (text[0] != '\0') all.emplace_back(text);
  }
  ::freeifaddrs(first);
  return all;
}

}  // namespace

awaitable<void> check_dns(Findings& findings, net::Resolver& resolver, Published published,
                          std::vector<std::string> own) {
  for (const auto& domain : published.domains) {
    auto checking = check_domain(findings, resolver, domain, published.host);
    const bool answered = co_await std::move(checking);
    if (!answered) co_return;
  }
  auto addresses = check_addresses(findings, resolver, published.host, std::move(own));
  co_await std::move(addresses);
  for (const auto& domain : published.domains) {
    if (published.mta_sts.empty()) break;
    auto checking = check_mta_sts(findings, resolver, domain, published.mta_sts);
    co_await std::move(checking);
  }
  for (const auto& key : published.dkim) {
    auto checking = check_key(findings, resolver, key.name, key.text);
    co_await std::move(checking);
  }
}

awaitable<void> check_dnssec(Findings& findings, net::Resolver& resolver) {
  // Nothing can be told from what is not there: this has been signed for long.
  auto question = resolver.mx("ietf.org");
  const auto answer = co_await std::move(question);
  if (!answer && answer.error() == make_error_code(net::Errc::bogus_answer)) {
    findings.note("the resolver keeps DNSSEC signatures back, so that signed domains cannot be reached",
                  "ask one that hands them on, such as a local unbound: [dns] servers");
  } else if (!answer || !answer->authentic) {
    findings.note("DNS does not say whether its answers are signed", "see [dns], and /etc/resolv.conf");
  } else {
    findings.ok("DNS answers are validated by DNSSEC");
  }
}

namespace {

awaitable<void> check_all(Findings& findings, net::Resolver& resolver, Published published, bool validates) {
  auto records = check_dns(findings, resolver, std::move(published), own_addresses());
  co_await std::move(records);
  if (!validates) co_return;
  auto dnssec = check_dnssec(findings, resolver);
  co_await std::move(dnssec);
}

}  // namespace

void check_dns(Findings& findings, const Surroundings& pod, const Published& published) {
  boost::asio::io_context loop;
  auto settings = pod.configuration.dns;
  settings.time_limit = std::min<std::chrono::milliseconds>(settings.time_limit, patience);
  const auto resolver = net::make_unbound_resolver(loop.get_executor(), settings);
  const bool validates = !settings.trust_anchor.empty();
  if (!validates) {
    findings.note("DNSSEC is not validated, so that other domains' TLSA records (DANE) do not count",
                  "set trust_anchor = \"/usr/share/dns/root.key\" below [dns] (package dns-root-data)");
  }
  boost::asio::co_spawn(loop, check_all(findings, *resolver, published, validates),
                        [&](const std::exception_ptr&) { loop.stop(); });
  loop.run();
}

}  // namespace mailpod::daemon
