#include "sts_guide.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

#include <mailpod/net/error.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

constexpr auto rest_after_failure = 5min;  // RFC 8461 §3.3
constexpr auto old_after = 24h;
constexpr std::size_t most_remembered = 10'000;  // of used_ and resting_

}  // namespace

awaitable<std::optional<RememberedPolicy>> StsGuide::find(std::string domain) {
  if (ports_.policy_host == nullptr) co_return std::nullopt;
  Policies& policies = ports_.spool.policies();
  const auto id = co_await announced_id(domain);
  std::optional<RememberedPolicy> known = policies.find(domain, ports_.clock.now());
  const bool is_news = id && (!known || known->id != *id);
  if (is_news && !is_resting(domain)) {
    co_await fetch(domain, *id);
    known = policies.find(domain, ports_.clock.now());
  }
  if (known && used_.size() < most_remembered) used_.insert(domain);
  co_return known;
}

/// What DNS calls the present policy; nothing if it names none, or does not answer: then what was known goes on.
awaitable<std::optional<std::string>> StsGuide::announced_id(std::string domain) {
  const std::string name = "_mta-sts." + domain;
  const auto answer = co_await ports_.resolver.txt(name);
  if (!answer && answer.error() == net::Errc::shutting_down) {
    throw std::system_error(net::make_error_code(net::Errc::shutting_down));
  }
  if (!answer) co_return std::nullopt;
  std::vector<std::string> records = answer->records;
  std::erase_if(records, [](const std::string& text) { return !mailauth::is_sts_record(text); });
  // RFC 8461 §3.1: several are none.
  if (records.size() != 1) co_return std::nullopt;
  const auto record = mailauth::parse_sts_record(records.front());
  if (!record) co_return std::nullopt;
  co_return record->id;
}

awaitable<void> StsGuide::fetch(std::string domain, std::string id) {
  const Result<std::string> octets = co_await ports_.policy_host->fetch(domain);
  if (stopped_) throw std::system_error(net::make_error_code(net::Errc::shutting_down));
  if (!octets) {
    note_failure(domain, octets.error().message());
    co_return;
  }
  const auto policy = mailauth::parse_sts_policy(*octets);
  if (!policy) {
    note_failure(domain, "not a policy: expected " + std::string(policy.error().expected));
    co_return;
  }
  resting_.erase(domain);
  co_await remember({domain, std::move(id), ports_.clock.now(), *policy});
}

awaitable<void> StsGuide::remember(RememberedPolicy fetched) {
  ports_.log.info("queue.policy host=mta-sts.{} mode={} seconds={}", base::printable(fetched.domain),
                  mailauth::name_of(fetched.policy.mode), fetched.policy.max_age.count());
  const auto writing = [&] { ports_.spool.policies().remember(fetched); };
  try {
    co_await ports_.pool.run(writing);
  } catch (const std::system_error& failure) {
    // It holds while we run, and is fetched anew afterwards.
    ports_.log.error("queue.unwritten file=policies reason=\"{}\"", failure.code().message());
  }
}

void StsGuide::note_failure(const std::string& domain, const std::string& reason) {
  ports_.log.warning("queue.policy_unfetched host=mta-sts.{} reason=\"{}\"", base::printable(domain),
                     base::printable(reason));
  const auto now = ports_.clock.monotonic();
  if (resting_.size() >= most_remembered) {
    std::erase_if(resting_, [now](const auto& one) { return one.second <= now; });
  }
  if (resting_.size() < most_remembered) resting_[domain] = now + rest_after_failure;
}

bool StsGuide::is_resting(const std::string& domain) const {
  const auto found = resting_.find(domain);
  return found != resting_.end() && ports_.clock.monotonic() < found->second;
}

bool StsGuide::is_old(const RememberedPolicy& policy) const {
  const auto age = ports_.clock.now() - policy.fetched;
  return age >= std::min<std::chrono::microseconds>(old_after, policy.policy.max_age / 2);
}

awaitable<void> StsGuide::refresh() {
  const std::vector<std::string> domains(used_.begin(), used_.end());
  for (const std::string& domain : domains) {
    const auto known = ports_.spool.policies().find(domain, ports_.clock.now());
    if (!known) used_.erase(domain);
    if (stopped_) break;
    if (!known || !is_old(*known) || is_resting(domain)) continue;
    const auto id = co_await announced_id(domain);
    co_await fetch(domain, id.value_or(known->id));
  }
}

}  // namespace mailpod::queue
