#include "sts_guide.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mailpod/net/error.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

constexpr auto rest_after_fetch = 5min;  // RFC 8461 §3.3
constexpr auto old_after = 24h;
constexpr auto unused_after = 30 * 24h;
constexpr std::size_t most_remembered = 10'000;  // of used_ and resting_

[[noreturn]] void shut_down() {
  throw std::system_error(net::make_error_code(net::Errc::shutting_down));
}

bool is_old(const RememberedPolicy& policy, base::Time now) {
  const auto age = now - policy.fetched;
  return age >= std::min<std::chrono::microseconds>(old_after, policy.policy.max_age / 2);
}

}  // namespace

void StsGuide::stop() {
  stopped_ = true;
  if (ports_.policy_host != nullptr) ports_.policy_host->stop();
}

std::optional<RememberedPolicy> StsGuide::known(const std::string& domain) const {
  return ports_.spool.policies().find(domain, ports_.clock.now());
}

awaitable<std::optional<RememberedPolicy>> StsGuide::find(std::string domain) {
  if (ports_.policy_host == nullptr) co_return std::nullopt;
  const auto id = co_await announced_id(domain);
  Found holds = known(domain);
  const bool is_news = id && (!holds || holds->id != *id);
  if (is_news && !is_resting(domain)) {
    Found fetched = co_await fetch(domain, *id);
    // As it came: also where there was no room for it, or where it is not for keeping.
    if (fetched) holds = std::move(fetched);
  }
  if (holds) note_use(domain);
  co_return holds;
}

void StsGuide::note_use(const std::string& domain) {
  ports_.spool.policies().note_use(domain, ports_.clock.now());
  if (used_.size() < most_remembered || used_.contains(domain)) used_[domain] = ports_.clock.now();
}

/// What DNS calls the present policy; nothing if it names none, or does not answer: then what was known goes on.
awaitable<std::optional<std::string>> StsGuide::announced_id(std::string domain) {
  const std::string name = "_mta-sts." + domain;
  const auto answer = co_await ports_.resolver.txt(name);
  if (!answer && answer.error() == net::Errc::shutting_down) {
    shut_down();
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

awaitable<StsGuide::Found> StsGuide::fetch(std::string domain, std::string id) {
  if (const auto other = fetching_.find(domain); other != fetching_.end()) {
    Found found = co_await await_other(other->second);
    co_return found;
  }
  const auto loop = co_await boost::asio::this_coro::executor;
  const auto present = std::make_shared<Fetching>(loop);
  fetching_.emplace(domain, present);
  std::exception_ptr failure;
  try {
    present->found = co_await ask(domain, std::move(id));
  } catch (...) {
    failure = std::current_exception();
  }
  fetching_.erase(domain);
  present->ended.cancel();
  if (failure) std::rethrow_exception(failure);
  co_return present->found;
}

awaitable<StsGuide::Found> StsGuide::await_other(std::shared_ptr<Fetching> other) {
  co_await other->ended.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (stopped_) shut_down();
  co_return other->found;
}

awaitable<StsGuide::Found> StsGuide::ask(std::string domain, std::string id) {
  Result<std::string> octets = Errc::policy_refused;
  try {
    octets = co_await ports_.policy_host->fetch(domain);
  } catch (const std::exception& failure) {
    ports_.log.error("queue.policy_unfetched reason=\"{}\"", base::printable(failure.what()));
  }
  if (stopped_) shut_down();
  rest(domain);
  if (!octets) {
    note_failure(domain, octets.error().message());
    co_return std::nullopt;
  }
  const auto policy = mailauth::parse_sts_policy(*octets);
  if (!policy) {
    note_failure(domain, "not a policy: expected " + std::string(policy.error().expected));
    co_return std::nullopt;
  }
  const RememberedPolicy fetched{domain, std::move(id), ports_.clock.now(), *policy};
  if (!Policies::fits(fetched)) {
    note_failure(domain, "it is larger than policies are");
    co_return std::nullopt;
  }
  ports_.log.info("queue.policy host=mta-sts.{} mode={} seconds={}", base::printable(domain),
                  mailauth::name_of(policy->mode), policy->max_age.count());
  // What cannot be written holds while we run, and is fetched anew afterwards.
  co_await write("policies", [&] { ports_.spool.policies().remember(fetched); });
  co_return fetched;
}

awaitable<void> StsGuide::write(std::string what, std::function<void()> writing) {
  std::string reason;
  const auto borrowed = [&] { writing(); };
  try {
    co_await ports_.pool.run(borrowed);
  } catch (const std::system_error& failure) {
    reason = failure.code().message();
  } catch (const std::exception& failure) {
    reason = failure.what();
  }
  if (!reason.empty()) ports_.log.error("queue.unwritten file={} reason=\"{}\"", what, reason);
}

void StsGuide::note_failure(const std::string& domain, const std::string& reason) {
  ports_.log.warning("queue.policy_unfetched host=mta-sts.{} reason=\"{}\"", base::printable(domain),
                     base::printable(reason));
}

void StsGuide::rest(const std::string& domain) {
  const auto now = ports_.clock.monotonic();
  if (resting_.size() >= most_remembered) {
    std::erase_if(resting_, [now](const auto& one) { return one.second <= now; });
  }
  if (resting_.size() < most_remembered) resting_[domain] = now + rest_after_fetch;
}

bool StsGuide::is_resting(const std::string& domain) const {
  const auto found = resting_.find(domain);
  return found != resting_.end() && ports_.clock.monotonic() < found->second;
}

/// Those to be fetched anew; the first to end is the last.
std::vector<std::string> StsGuide::due() {
  const auto now = ports_.clock.now();
  std::erase_if(used_, [&](const auto& one) { return now - one.second > unused_after || !known(one.first); });
  std::vector<std::pair<base::Time, std::string>> old;
  for (const auto& [domain, last] : used_) {
    const auto policy = known(domain);
    if (policy && is_old(*policy, now) && !is_resting(domain)) old.emplace_back(policy->ends(), domain);
  }
  std::ranges::sort(old, std::greater<>());
  std::vector<std::string> domains;
  for (auto& [ends, domain] : old) domains.push_back(std::move(domain));
  return domains;
}

awaitable<void> StsGuide::refresh() {
  using namespace boost::asio::experimental::awaitable_operators;
  if (ports_.policy_host == nullptr) co_return;
  const auto now = ports_.clock.now();
  co_await write("policies", [&] { ports_.spool.policies().forget_ended(now); });
  std::vector<std::string> domains = due();
  // A few at once: one that keeps us waiting keeps not all of them.
  co_await (renew(domains) && renew(domains) && renew(domains) && renew(domains));
}

awaitable<void> StsGuide::renew(std::vector<std::string>& domains) {
  while (!stopped_ && !domains.empty()) {
    const std::string domain = std::move(domains.back());
    domains.pop_back();
    try {
      co_await renew_one(domain);
    } catch (const std::exception& failure) {
      if (!stopped_) note_failure(domain, failure.what());
    }
  }
}

awaitable<void> StsGuide::renew_one(std::string domain) {
  const auto id = co_await announced_id(domain);
  const auto policy = known(domain);
  if (policy) co_await fetch(domain, id.value_or(policy->id));
}

}  // namespace mailpod::queue
