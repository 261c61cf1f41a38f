#include "dmarc_tree_walk.hpp"

#include <algorithm>

#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

constexpr std::ptrdiff_t most_labels = 7;  // of the second name asked for, RFC 9989 §4.10

/// The one record of a name; several are none.
std::optional<DmarcRecord> record_of(const DnsAnswer& answer) {
  std::optional<DmarcRecord> only;
  bool seen = false;
  for (const auto& text : answer.records) {
    if (!is_dmarc_record(text)) continue;
    if (seen) return std::nullopt;
    seen = true;
    const auto record = parse_dmarc_record(text);
    if (record) only = *record;
  }
  return only;
}

std::string next_after(const std::string& domain) {
  std::string_view next = parent_of(domain);
  while (std::ranges::count(next, '.') >= most_labels) next = parent_of(next);
  return std::string(next);
}

}  // namespace

std::string DmarcTreeWalk::organization() const {
  using PublicSuffix = DmarcRecord::PublicSuffix;
  for (const auto& [domain, record] : found) {
    if (record.public_suffix == PublicSuffix::no) return domain;
    if (record.public_suffix != PublicSuffix::yes || domain == start) continue;
    std::string_view below = start;
    while (parent_of(below) != domain) below = parent_of(below);
    return std::string(below);
  }
  return found.empty() ? start : found.back().domain;
}

const DmarcTreeWalk::Found* DmarcTreeWalk::deciding() const {
  const auto at = [this](std::string_view domain) {
    const auto place = std::ranges::find(found, domain, &Found::domain);
    return place == found.end() ? nullptr : &*place;
  };
  if (const auto* own = at(start)) return own;
  if (const auto* organizations = at(organization())) return organizations;
  const bool suffix = !found.empty() && found.back().record.public_suffix == DmarcRecord::PublicSuffix::yes;
  return suffix ? &found.back() : nullptr;
}

DmarcTreeWalk walk_dmarc_tree(const std::string& domain, DnsTable& dns) {
  DmarcTreeWalk walk;
  walk.start = domain;
  for (std::string name = domain; !name.empty(); name = next_after(name)) {
    const auto& answer = dns.look_up({DnsQuestion::Type::txt, "_dmarc." + name});
    walk.failed = walk.failed || answer.failed();
    walk.start_failed = walk.start_failed || (name == domain && answer.failed());
    const auto record = record_of(answer);
    if (!record) continue;
    walk.found.push_back({name, *record});
    if (record->public_suffix != DmarcRecord::PublicSuffix::unsaid) break;
  }
  return walk;
}

}  // namespace mailpod::mailauth
