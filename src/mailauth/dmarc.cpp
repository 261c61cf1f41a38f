#include <mailpod/mailauth/dmarc.hpp>

#include <algorithm>
#include <array>

#include <mailpod/text/domain.hpp>

#include "dmarc_tree_walk.hpp"
#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

/// Whether what vouches for a message is of the domain in From.
enum class Vouched { no, perhaps, yes };

/// A name as DNS may have it, be it a single label; empty if it cannot.
std::string name_in_dns(std::string_view host) {
  constexpr text::OctetSet name_octets = text::octets::alnum | text::OctetSet("-_.");
  auto name = text::to_ascii_domain(host).value_or("");
  if (name.ends_with('.')) name.pop_back();
  const bool clean = std::ranges::all_of(name, [&](char octet) { return name_octets.contains(octet); });
  const bool single = name.find('.') == std::string::npos;
  return clean && is_host_name(single ? name + ".x" : name) ? name : std::string();
}

class Alignment {
public:
  Alignment(const DmarcTreeWalk& walk, const DmarcRecord& record, DnsTable& dns)
      : from_(walk.start), organization_(walk.organization()), sure_(!walk.failed), record_(record), dns_(dns) {}

  /// RFC 9989 §4.4
  Vouched by(const std::string& domain, DmarcRecord::Alignment mode) {
    if (domain == from_) return Vouched::yes;
    if (mode == DmarcRecord::Alignment::strict || !is_host_name(domain)) return Vouched::no;
    // A parent that did not answer may be the organization of both.
    if (!sure_ && common_labels(domain, from_) >= 2) return Vouched::perhaps;
    if (!is_or_is_below(domain, organization_)) return Vouched::no;
    const auto walk = walk_dmarc_tree(domain, dns_);
    if (walk.failed || !sure_) return Vouched::perhaps;
    return walk.organization() == organization_ ? Vouched::yes : Vouched::no;
  }

  /// Of all that vouches, the best.
  Vouched by(const DmarcQuery& query) {
    Vouched best = Vouched::no;
    const auto count = [&](const std::string& domain, DmarcRecord::Alignment mode, bool passed, bool undecided) {
      if (!passed && !undecided) return;
      Vouched vouched = by(domain, mode);
      if (!passed) vouched = std::min(vouched, Vouched::perhaps);
      best = std::max(best, vouched);
    };
    const auto& spf = query.spf;
    count(spf.domain, record_.spf, spf.result == SpfResult::pass, spf.result == SpfResult::temperror);
    for (const auto& dkim : query.dkim)
      count(dkim.domain, record_.dkim, dkim.result == DkimResult::pass, dkim.result == DkimResult::temperror);
    return best;
  }

private:
  std::string from_;
  std::string organization_;
  bool sure_;
  const DmarcRecord& record_;
  DnsTable& dns_;
};

/// The domain itself is in nobody's zone. RFC 9989 §3.2.
bool is_known_not_to_exist(const std::string& domain, DnsTable& dns) {
  return dns.look_up({DnsQuestion::Type::mx, domain}).outcome == DnsAnswer::Outcome::no_such_name;
}

DmarcPolicy policy_for(const DmarcTreeWalk& walk, const DmarcTreeWalk::Found& deciding, DnsTable& dns) {
  const auto& record = deciding.record;
  DmarcPolicy policy = record.policy;
  if (deciding.domain != walk.start) {
    policy = record.subdomains.value_or(record.policy);
    if (record.nonexistent && is_known_not_to_exist(walk.start, dns)) policy = *record.nonexistent;
  }
  // RFC 9989 §4.7: a domain that tests wants to see what one step less does.
  if (record.testing && policy != DmarcPolicy::none)
    policy = policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
  return policy;
}

DmarcResult result_for(Vouched vouched) {
  if (vouched == Vouched::no) return DmarcResult::fail;
  return vouched == Vouched::yes ? DmarcResult::pass : DmarcResult::temperror;
}

}  // namespace

std::string_view name_of(DmarcResult result) {
  constexpr std::array<std::string_view, 5> names{"none", "pass", "fail", "temperror", "permerror"};
  return names.at(static_cast<std::size_t>(result));
}

DmarcVerdict check_dmarc(const DmarcQuery& query, DnsTable& dns) {
  DmarcVerdict verdict;
  verdict.from = name_in_dns(query.from);
  // What is shown is not what could be asked for: nobody can say whose it is.
  if (verdict.from.empty()) verdict.result = DmarcResult::permerror;
  if (!is_host_name(verdict.from)) return verdict;
  const auto walk = walk_dmarc_tree(verdict.from, dns);
  const auto* deciding = walk.deciding();
  // Without its own record it matters whether there is none or nobody said.
  const bool undecided = walk.start_failed || (deciding == nullptr && walk.failed);
  if (undecided) verdict.result = DmarcResult::temperror;
  if (undecided || deciding == nullptr) return verdict;
  verdict.policy = policy_for(walk, *deciding, dns);
  verdict.result = result_for(Alignment(walk, deciding->record, dns).by(query));
  return verdict;
}

}  // namespace mailpod::mailauth
