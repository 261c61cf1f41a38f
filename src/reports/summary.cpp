#include <mailpod/reports/summary.hpp>

#include <algorithm>

namespace mailpod::reports {

namespace {

std::uint64_t sum(std::uint64_t one, std::uint64_t other) {
  return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

/// Where there is no room for another, that of all others.
template <class Key, class Value>
Value& place_for(std::map<Key, Value>& all, const Key& key) {
  const bool has_room = all.size() < Summary::most_named || all.contains(key);
  return all[has_room ? key : Key()];
}

std::tuple<std::string, std::string, std::string> identity(const DmarcReport& report) {
  return {report.organization, report.domain, report.id};
}
std::tuple<std::string, std::string, std::string> identity(const TlsReport& report) {
  return {report.organization, {}, report.id};
}
/// Two complaints may be alike.
std::tuple<std::string, std::string, std::string> identity(const FeedbackReport&) {
  return {};
}

}  // namespace

bool Summary::add(const Report& report) {
  return std::visit(
      [this](const auto& one) {
        const auto id = identity(one);
        if (!std::get<2>(id).empty() && !seen_.insert(id).second) return false;
        ++reports_;
        take(one);
        return true;
      },
      report);
}

void Summary::take(const DmarcReport& report) {
  const bool is_first = !dmarc_.contains(report.domain);
  Dmarc& all = dmarc_[report.domain];
  if (is_first || report.begins < all.begins) all.begins = report.begins;
  if (is_first || report.ends >= all.ends) {
    all.ends = report.ends;
    all.policy = report.policy;
  }
  all.organizations.insert(report.organization);
  for (const DmarcRow& row : report.rows) {
    std::uint64_t& count = row.passes() ? all.passed : all.failed;
    count = sum(count, row.messages);
    if (row.passes()) continue;
    Dmarc::Source& source = place_for(all.sources, row.source_address);
    source.messages = sum(source.messages, row.messages);
    std::uint64_t& dealt_with = source.dispositions[row.disposition];
    dealt_with = sum(dealt_with, row.messages);
  }
}

void Summary::take(const TlsReport& report) {
  for (const TlsPolicyReport& policy : report.policies) {
    Tls& all = tls_[{policy.domain, policy.type}];
    all.organizations.insert(report.organization);
    all.successes = sum(all.successes, policy.successes);
    all.failures = sum(all.failures, policy.failures);
    for (const TlsFailure& failure : policy.named) {
      std::uint64_t& count = place_for(all.named, {failure.result_type, failure.receiving_host});
      count = sum(count, failure.sessions);
    }
  }
}

void Summary::take(const FeedbackReport& report) {
  std::uint64_t& count = complaints_[report.type];
  count = sum(count, report.incidents);
}

}  // namespace mailpod::reports
