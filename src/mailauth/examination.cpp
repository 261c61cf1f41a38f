#include <mailpod/mailauth/examination.hpp>

#include <algorithm>
#include <array>
#include <span>

#include "ip_address.hpp"

namespace mailpod::mailauth {

namespace {

constexpr std::size_t most_names = 10;  // of one address; more are not looked at

bool leads_back(const DnsAnswer& answer, const IpAddress& client) {
  return std::ranges::any_of(answer.records, [&](const std::string& text) {
    const auto address = IpAddress::parse(text);
    return address && client.is_in(*address, 128);
  });
}

}  // namespace

std::string_view name_of(IprevVerdict::Result result) {
  constexpr std::array<std::string_view, 4> names{"pass", "fail", "temperror", "permerror"};
  return names.at(static_cast<std::size_t>(result));
}

IprevVerdict check_iprev(const std::string& client, DnsTable& dns) {
  using Result = IprevVerdict::Result;
  using Type = DnsQuestion::Type;
  IprevVerdict verdict;
  verdict.client = client;
  const auto address = IpAddress::parse(client);
  if (!address) return verdict;
  const auto& names = dns.look_up({Type::ptr, address->str()});
  if (names.failed()) verdict.result = Result::temperror;
  if (names.records.empty()) return verdict;
  verdict.result = Result::fail;
  for (const auto& name : std::span(names.records).first(std::min(names.records.size(), most_names))) {
    const auto& answer = dns.look_up({address->is_v4() ? Type::a : Type::aaaa, name});
    if (answer.failed()) verdict.result = Result::temperror;
    if (!leads_back(answer, *address)) continue;
    verdict.name = name;
    verdict.result = Result::pass;
    return verdict;
  }
  return verdict;
}

Findings Examination::findings(const std::string& from, DnsTable& dns, base::Time now,
                               const std::function<bool()>& time_is_up) {
  Findings all;
  SpfLimits limits;
  limits.time_is_up = time_is_up;
  all.spf = check_spf(sender_, dns, Explain::no, limits);
  all.spf_scope = sender_.domain.empty() ? Findings::SpfScope::helo : Findings::SpfScope::mail_from;
  all.dkim = dkim_.verdicts(dns, now);
  all.arc = dkim_.arc_verdict(dns);
  all.dmarc = check_dmarc({from, all.spf, all.dkim}, dns);
  all.iprev = check_iprev(sender_.client, dns);
  return all;
}

}  // namespace mailpod::mailauth
