#include <mailpod/delivery/quotas.hpp>

#include <algorithm>
#include <iterator>
#include <system_error>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/governance/roster.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/smtp/mailroom.hpp>
#include <mailpod/store/vaults.hpp>

#include "quota_notice.hpp"

namespace mailpod::delivery {

using boost::asio::awaitable;

namespace {

constexpr std::uint8_t marks[] = {80, 95, 100};  // percent
constexpr std::uint64_t slack = 5;               // points below a mark, before it is left

}  // namespace

store::Quota quota_for(const governance::Gate& gate, MemberId member, base::Time at) {
  const auto allowance = gate.roster()->allowance(member, at);
  return {allowance.octets, allowance.messages, 0};
}

std::optional<members::Fullness> fullness_at(std::uint64_t percent, const std::optional<members::Fullness>& before,
                                             base::Time now) {
  members::Fullness reached;
  for (const auto mark : marks) {
    const bool was_told = before && mark <= before->told;
    if (percent >= mark || (was_told && percent + slack >= mark)) reached.told = mark;
  }
  if (reached.told == 0) return std::nullopt;
  if (reached.told == std::end(marks)[-1]) {
    reached.since = before && before->since ? *before->since : base::from_seconds(base::to_seconds(now));
  }
  return reached;
}

Status Quotas::judge(const members::Person& person, const store::Usage& usage) const {
  const auto now = ports_.clock.now();
  const store::Quota quota = quota_for(ports_.gate, person.id, now);
  const auto percent = quota.percent_of(usage);
  if (percent < 100) return {};
  const auto settings = settings_.get();
  // Who has just become full may not have been told yet.
  const auto full_for =
      person.fullness && person.fullness->since ? now - *person.fullness->since : base::Time::duration(0);
  if (settings->refuse_after.count() != 0 && full_for >= settings->refuse_after)
    return smtp::Errc::mailbox_full_for_long;
  if (full_for < settings->grace && percent < 100 + settings->grace_percent) return {};
  return smtp::Errc::mailbox_full;
}

awaitable<Status> Quotas::consider(std::span<const MemberId> members) {
  const auto directory = ports_.directory.state();
  Status mildest;
  for (const MemberId& member : members) {
    const members::Person* person = directory->find(member);
    if (person == nullptr) continue;
    Status judged;
    try {
      const store::Usage usage = co_await ports_.vaults.usage(member);
      judged = judge(*person, usage);
    } catch (const std::system_error& failure) {
      ports_.log.error("quota.uncounted member={} reason=\"{}\"", member.str(), failure.code().message());
    }
    if (judged) co_return Status{};
    if (mildest || judged.error() == smtp::Errc::mailbox_full) mildest = judged;
  }
  co_return mildest;
}

/// How full they are to be told that they are.
std::optional<members::Fullness> Quotas::next_for(const members::Person& person) const {
  const auto usage = ports_.vaults.known_usage(person.id);
  if (!usage) return person.fullness;
  const auto now = ports_.clock.now();
  return fullness_at(quota_for(ports_.gate, person.id, now).percent_of(*usage), person.fullness, now);
}

void Quotas::look_at(MemberId member) {
  const auto directory = ports_.directory.state();
  const members::Person* person = directory->find(member);
  if (person == nullptr || next_for(*person) == person->fullness) return;
  {
    const std::lock_guard lock(mutex_);
    if (!telling_.insert(member).second) return;
  }
  ports_.spawn([this, member] { return tell(member); });
}

/// The letter first: whoever is interrupted tells again, and nobody is left untold.
awaitable<void> Quotas::tell(MemberId member) {
  const auto directory = ports_.directory.state();
  const members::Person* person = directory->find(member);
  const auto next = person == nullptr ? std::nullopt : next_for(*person);
  try {
    const bool worse = next && person != nullptr && (!person->fullness || next->told > person->fullness->told);
    if (worse) {
      const auto now = ports_.clock.now();
      const auto settings = settings_.get();
      const QuotaNotice notice{person->addresses.front().str(),
                               directory->domains().front(),
                               ports_.vaults.known_usage(member).value_or(store::Usage()),
                               quota_for(ports_.gate, member, now),
                               next->told,
                               settings->grace,
                               settings->grace_percent,
                               now};
      const std::string letter = write_quota_notice(notice, ports_.entropy);
      const base::MemorySource octets(letter);
      const Status told = co_await ports_.returns.give_back(member, octets);
      if (!told) ports_.log.warning("quota.untold member={} reason=\"{}\"", member.str(), told.error().message());
      ports_.log.info("quota.told member={} percent={}", member.str(), next->told);
    }
    const auto remember = [&]() -> Status {
      return ports_.directory.change({&member, 1}, [&](members::Person& now) { now.fullness = next; });
    };
    const Status remembered = co_await ports_.pool.run(remember);
    if (!remembered)
      ports_.log.warning("quota.unremembered member={} reason=\"{}\"", member.str(), remembered.error().message());
  } catch (const std::system_error& failure) {
    ports_.log.error("quota.untold member={} reason=\"{}\"", member.str(), failure.code().message());
  }
  const std::lock_guard lock(mutex_);
  telling_.erase(member);
}

}  // namespace mailpod::delivery
