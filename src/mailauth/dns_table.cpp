#include <mailpod/mailauth/dns_table.hpp>

#include <utility>

namespace mailpod::mailauth {

const DnsAnswer& DnsTable::look_up(const DnsQuestion& question) {
  static const DnsAnswer not_asked_yet;
  const auto found = answers_.find(question);
  if (found != answers_.end()) return found->second;
  missing_.insert(question);
  return not_asked_yet;
}

void DnsTable::put(DnsQuestion question, DnsAnswer answer) {
  missing_.erase(question);
  answers_.insert_or_assign(std::move(question), std::move(answer));
}

std::vector<DnsQuestion> DnsTable::take_missing() {
  const auto taken = std::exchange(missing_, {});
  return {taken.begin(), taken.end()};
}

}  // namespace mailpod::mailauth
