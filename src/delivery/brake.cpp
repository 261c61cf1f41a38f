#include <mailpod/delivery/brake.hpp>

#include <algorithm>
#include <system_error>

#include <mailpod/net/pool.hpp>

#include "brake_notice.hpp"
#include "routes.hpp"

namespace mailpod::delivery {

namespace {

using boost::asio::awaitable;

constexpr std::size_t places = 8192;  // two for each member who sends, with room to spare

std::string_view name_of(Brake::Reason reason) {
  return reason == Brake::Reason::recipients ? "recipients" : "refused";
}

/// What the member sent themselves, and is still to go.
bool is_to_be_held(const queue::Entry& entry, MemberId member) {
  return entry.submitter == member && !entry.passed_on && !entry.held &&
         std::ranges::find(entry.recipients, queue::RecipientState::pending, &queue::Recipient::state) !=
             entry.recipients.end();
}

}  // namespace

Brake::Brake(const Ports& ports, Settings settings)
    : ports_(ports),
      settings_(settings),
      buckets_(places, ports.clock, ports.entropy),
      braked_(ports.queue.found_braked()) {}

bool Brake::holds(MemberId member, std::size_t recipients) {
  return count(member, recipients, Reason::recipients);
}

void Brake::refused(MemberId submitter, std::size_t recipients) {
  count(submitter, recipients, Reason::refused);
}

std::string Brake::key(MemberId member, Reason reason) const {
  const auto releases = releases_.find(member);
  return std::string(name_of(reason)) + member.str() + '.' +
         std::to_string(releases == releases_.end() ? 0 : releases->second);
}

/// Whether the member is braked.
bool Brake::count(MemberId member, std::size_t recipients, Reason reason) {
  const auto settings = settings_.get();
  const guard::Rate& rate = reason == Reason::recipients ? settings->recipients : settings->refused;
  {
    const std::lock_guard lock(mutex_);
    if (braked_.contains(member)) return true;
    if (buckets_.take(key(member, reason), rate, static_cast<std::uint32_t>(recipients))) return false;
    braked_.insert(member);
  }
  ports_.log.warning("brake.on member={} reason={}", member.str(), name_of(reason));
  ports_.spawn([this, member, reason] { return hold_and_tell(member, reason); });
  return true;
}

awaitable<void> Brake::hold_and_tell(MemberId member, Reason reason) {
  const auto hold = [&] { return hold_what_waits(member); };
  try {
    const std::size_t held = co_await ports_.pool.run(hold);
    ports_.log.info("brake.held member={} entries={}", member.str(), held);
  } catch (const std::system_error& failure) {
    ports_.log.error("brake.not_held member={} reason=\"{}\"", member.str(), failure.code().message());
  }
  const auto directory = ports_.directory.state();
  const members::Person* person = directory->find(member);
  if (person == nullptr || person->addresses.empty()) co_return;
  const auto settings = settings_.get();
  const std::string notice =
      write_brake_notice({person->addresses.front().str(), directory->domains().front(), reason,
                          reason == Reason::recipients ? settings->recipients : settings->refused, ports_.clock.now()},
                         ports_.entropy);
  co_await tell(notice);
}

std::size_t Brake::hold_what_waits(MemberId member) {
  std::size_t held = 0;
  for (const queue::Summary& summary : ports_.queue.list()) {
    bool changed = false;
    const Status done = ports_.queue.change(summary.id, [&](queue::Entry& entry) {
      changed = is_to_be_held(entry, member);
      if (changed) entry.held = entry.braked = true;
    });
    if (!done || !changed) continue;
    ++held;
    ports_.look_at(summary.id);
  }
  return held;
}

awaitable<void> Brake::tell(const std::string& notice) {
  const Routes routes{ports_.directory, ports_.gate, ports_.clock, {}};
  const auto readers = members_for(routes, smtp::Mailbox{"postmaster", {}});
  if (!readers) {
    ports_.log.warning("brake.untold reason=\"{}\"", readers.error().message());
    co_return;
  }
  const base::MemorySource octets(notice);
  for (const MemberId& reader : *readers) {
    try {
      const Status told = co_await ports_.returns.give_back(reader, octets);
      if (!told) ports_.log.warning("brake.untold reason=\"{}\"", told.error().message());
    } catch (const std::system_error& failure) {
      ports_.log.error("brake.untold reason=\"{}\"", failure.code().message());
    }
  }
}

void Brake::release(MemberId member) {
  const std::lock_guard lock(mutex_);
  if (braked_.erase(member) == 0) return;
  ++releases_[member];
  ports_.log.info("brake.off member={}", member.str());
}

std::set<MemberId> Brake::braked() const {
  const std::lock_guard lock(mutex_);
  return braked_;
}

}  // namespace mailpod::delivery
