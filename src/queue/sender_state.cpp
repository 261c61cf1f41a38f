#include "sender_state.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <system_error>

#include <boost/asio/co_spawn.hpp>

#include <mailpod/queue/suppressions.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

std::vector<std::size_t> pending_of(const Entry& entry) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    if (entry.recipients[i].state == RecipientState::pending) places.push_back(i);
  }
  return places;
}

std::vector<Finding> findings_for(const Entry& entry, const std::vector<std::size_t>& places, const Trouble& trouble) {
  std::vector<Finding> findings;
  for (const std::size_t place : places) {
    findings.push_back({place, entry.recipients[place].address, trouble.leaves, trouble.reply, trouble.host});
  }
  return findings;
}

std::vector<Destination> destinations_of(const Entry& entry, const std::vector<std::size_t>& recipients) {
  std::vector<Destination> destinations;
  for (const std::size_t recipient : recipients) destinations.push_back(destination_of(entry, recipient));
  std::ranges::sort(destinations);
  const auto repeated = std::ranges::unique(destinations);
  destinations.erase(repeated.begin(), repeated.end());
  return destinations;
}

}  // namespace

Sender::State::State(boost::asio::any_io_executor on, const Ports& given, Settings wanted)
    : loop(std::move(on)),
      ports(given),
      settings(std::move(wanted)),
      guide(ports.resolver, ports.entropy, {settings.port, settings.own_names, settings.hosts, settings.loopback}),
      sts(ports),
      tls_policies(ports.resolver, sts),
      agenda(ports.clock, settings.timetable.longest_wait()),
      lines(settings.connections_per_destination),
      places({settings.connections, settings.hanging_connections}),
      rounds(ports, settings, agenda) {}

awaitable<void> Sender::State::run() {
  co_await load();
  while (!stopping) {
    co_await open_what_is_due();
    if (stopping) break;
    open_connections();
    refresh_policies();
    publish_figures();
    co_await wait();
  }
  while (!attempts.empty() || clerks > 0 || refreshing) co_await ports.alarm.wait(1h);
}

/// Until there is something to do, or somebody says so.
awaitable<void> Sender::State::wait() {
  std::chrono::microseconds until = agenda.until_next().value_or(1h);
  if (is_place_wanted()) until = std::min(until, places.until_one_hangs(ports.clock.monotonic()).value_or(1h));
  // One that is under way says itself when it has ended.
  if (ports.policy_host != nullptr && !refreshing) {
    until = std::min(until, std::max<std::chrono::microseconds>(next_refresh - ports.clock.monotonic(), 0us));
  }
  // Rounded up: a moment early, nothing would be due yet.
  co_await ports.alarm.wait(std::chrono::ceil<std::chrono::milliseconds>(until));
}

awaitable<void> Sender::State::load() {
  const auto list = [this] { return ports.spool.list(); };
  const std::vector<Summary> summaries = co_await ports.pool.run(list);
  for (const Summary& summary : summaries) agenda.wait_until(summary.id, summary.next_try);
  publish_figures();
  ports.log.info("queue.begins entries={}", summaries.size());
}

// ---- from the agenda to the lines

awaitable<void> Sender::State::open_what_is_due() {
  while (!stopping) {
    const std::optional<Agenda::Due> due = agenda.take();
    if (!due) break;
    co_await open(*due);
    open_connections();
    publish_figures();
  }
}

awaitable<void> Sender::State::open(Agenda::Due due) {
  if (rounds.contains(due.id)) {
    if (due.why == Agenda::Why::asked) {
      rounds.look_at(due.id);
    } else {
      co_await rounds.write_again(due.id);
    }
    co_return;
  }
  const std::optional<Entry> entry = co_await show(due.id);
  if (!entry) co_return;
  if (entry->held) {
    agenda.hold(due.id);
  } else if (due.why == Agenda::Why::asked && entry->next_try > ports.clock.now()) {
    agenda.wait_until(due.id, entry->next_try);
  } else {
    co_await begin_round(*entry);
  }
}

/// Nothing if it is gone, or not to be had at present.
awaitable<std::optional<Entry>> Sender::State::show(const EntryId& id) {
  const auto reading = [&] { return ports.spool.show(id); };
  try {
    Result<Entry> entry = co_await ports.pool.run(reading);
    if (entry) co_return std::move(*entry);
    if (entry.error() != Errc::no_such_entry) {
      ports.log.error("queue.damaged id={} reason=\"{}\"", id.str(), entry.error().message());
    }
  } catch (const std::system_error& error) {
    ports.log.error("queue.unread id={} reason=\"{}\"", id.str(), error.code().message());
    if (!rounds.contains(id)) agenda.wait_for(id, settings.timetable.steps.front());
  }
  co_return std::nullopt;
}

/// Whoever is barred has had an attempt with that: so the timetable goes on, with its warning and its end.
awaitable<void> Sender::State::begin_round(Entry entry) {
  std::vector<std::size_t> recipients = pending_of(entry);
  std::vector<Finding> barred = take_barred(entry, recipients);
  const std::vector<Destination> destinations = destinations_of(entry, recipients);
  // Nobody left is a round too: somebody is still to be told.
  const bool has_own_part = !barred.empty() || destinations.empty();
  rounds.begin(entry, destinations.size() + (has_own_part ? 1 : 0));
  join_lines(entry, destinations);
  if (has_own_part) co_await rounds.finish(entry.id, std::move(barred));
}

std::vector<Finding> Sender::State::take_barred(const Entry& entry, std::vector<std::size_t>& recipients) const {
  std::vector<Finding> barred = take_embargoed(entry, recipients);
  std::ranges::move(take_suppressed(entry, recipients), std::back_inserter(barred));
  return barred;
}

std::vector<Finding> Sender::State::take_embargoed(const Entry& entry, std::vector<std::size_t>& recipients) const {
  std::vector<Finding> refused;
  if (ports.embargo == nullptr) return refused;
  std::erase_if(recipients, [&](std::size_t recipient) {
    const std::string& address = entry.recipients[recipient].address;
    const std::optional<std::string> refusal = ports.embargo->refusal(address);
    if (refusal) refused.push_back({recipient, address, RecipientState::failed, *refusal, {}, false, true});
    return refusal.has_value();
  });
  return refused;
}

std::vector<Finding> Sender::State::take_suppressed(const Entry& entry, std::vector<std::size_t>& recipients) const {
  const base::Time now = ports.clock.now();
  const auto is_suppressed = [&](std::size_t recipient) {
    return ports.spool.suppressions().find(entry.recipients[recipient].address, now).has_value();
  };
  std::vector<std::size_t> suppressed;
  std::ranges::copy_if(recipients, std::back_inserter(suppressed), is_suppressed);
  std::erase_if(recipients, is_suppressed);
  return findings_for(
      entry, suppressed,
      {"451 4.7.0 the administrator of the sending server lets no mail go to this address at present", {}});
}

void Sender::State::join_lines(const Entry& entry, const std::vector<Destination>& destinations) {
  for (const Destination& to : destinations) {
    const bool tried = std::ranges::any_of(entry.recipients, [](const Recipient& one) { return one.attempts > 0; });
    lines.join(to, entry.id, entry.priority, tried ? Lines::Mail::again : Lines::Mail::first_time);
    ring_resting(to);
  }
}

// ---- from the lines to connections

void Sender::State::open_connections() {
  while (!stopping && is_place_wanted()) {
    if (!places.is_free()) {
      if (places.let_one_hang(ports.clock.monotonic())) continue;
      // Who rests keeps a place that somebody else needs.
      for (const Places::Who who : places.serving()) attempts.at(who).ring();
      break;
    }
    if (places.is_awaited()) {
      attempts.at(places.admit()).begin();
    } else {
      connect(lines.open(worst()).value());
    }
  }
}

void Sender::State::connect(Destination to) {
  const std::uint64_t number = ++last_number;
  places.connect(number, ports.clock.monotonic());
  Attempt& attempt = attempts
                         .try_emplace(number, ports, settings, Guides{guide, tls_policies},
                                      Attempt::Task{std::move(to), number}, static_cast<Errands&>(*this))
                         .first->second;
  boost::asio::co_spawn(loop, attempt.run(), [self = shared_from_this(), number](const std::exception_ptr& failure) {
    self->ended(number, failure);
  });
}

void Sender::State::ended(std::uint64_t number, const std::exception_ptr& failure) {
  const Attempt& attempt = attempts.at(number);
  lines.closed(attempt.destination(), attempt.has_greeted() ? Lines::Was::serving : Lines::Was::connecting);
  places.leave(number);
  attempts.erase(number);
  wake();
  log(failure);
}

void Sender::State::log(const std::exception_ptr& failure) const {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::system_error& error) {
    if (!stopping) ports.log.error("queue.attempt_failed reason=\"{}\"", error.code().message());
  } catch (const std::bad_alloc& error) {
    ports.log.error("queue.attempt_failed reason=\"{}\"", error.what());
  }
}

void Sender::State::ring_resting(const Destination& to) {
  if (!lines.is_served(to)) return;
  for (const Places::Who who : places.serving()) {
    Attempt& attempt = attempts.at(who);
    if (!attempt.is_resting() || attempt.destination() != to) continue;
    attempt.ring();
    return;
  }
}

void Sender::State::wake() {
  open_connections();
  publish_figures();
  ports.alarm.cancel();
}

// ---- what attempts ask for

awaitable<std::optional<Errand>> Sender::State::next(const Destination& to) {
  while (!stopping) {
    const std::optional<EntryId> id = lines.take(to);
    if (!id) break;
    // The others that wait may need one connection more.
    wake();
    std::optional<Errand> errand = co_await prepare(*id, to);
    if (errand) co_return errand;
  }
  co_return std::nullopt;
}

std::vector<std::size_t> Sender::State::untried_at(const Entry& entry, const Destination& to) const {
  std::vector<std::size_t> recipients = pending_of(entry);
  std::erase_if(recipients, [&](std::size_t recipient) {
    return rounds.has_tried(entry.id, recipient) || destination_of(entry, recipient) != to;
  });
  return recipients;
}

/// Nothing if there is no more to do for it here: then its part of the round is finished.
awaitable<std::optional<Errand>> Sender::State::prepare(const EntryId& id, const Destination& to) {
  std::optional<Entry> entry = co_await show(id);
  std::vector<Finding> findings;
  if (entry && !entry->held) {
    std::vector<std::size_t> recipients = untried_at(*entry, to);
    // Suppressed, or put under an embargo, since it joined the line.
    std::vector<Finding> barred = take_barred(*entry, recipients);
    if (!barred.empty()) co_await rounds.learn(id, std::move(barred));
    const bool others_left = recipients.size() > settings.recipients_per_message;
    if (others_left) recipients.resize(settings.recipients_per_message);
    const auto opening = [&] { return ports.spool.open_message(*entry); };
    std::string reason;
    try {
      auto message = co_await ports.pool.run(opening);
      if (message && !recipients.empty()) {
        auto watched = std::make_unique<WatchedSource>(std::move(*message));
        co_return Errand{std::move(*entry), std::move(recipients), others_left, std::move(watched)};
      }
      if (!message) reason = message.error().message();
    } catch (const std::system_error& error) {
      reason = error.code().message();
    }
    if (!reason.empty()) {
      ports.log.error("queue.damaged id={} reason=\"{}\"", id.str(), reason);
      findings =
          findings_for(*entry, recipients, {"451 4.3.0 the message cannot be read from the queue at present", {}});
    }
  }
  co_await finished(to, id, std::move(findings), Extent::complete);
  co_return std::nullopt;
}

awaitable<void> Sender::State::finished(const Destination& to, const EntryId& id, std::vector<Finding> findings,
                                        Extent extent) {
  if (extent == Extent::partial) {
    co_await rounds.learn(id, std::move(findings));
    lines.put_back(to, id);
  } else {
    co_await rounds.finish(id, std::move(findings));
    lines.put_down(to, id);
  }
  wake();
}

void Sender::State::put_back(const Destination& to, const EntryId& id) {
  lines.put_back(to, id);
}

void Sender::State::refuse_all(const Destination& to, const Trouble& trouble) {
  // One connection too many says nothing against those that serve.
  if (lines.is_served(to)) return;
  const auto shared = std::make_shared<const Trouble>(trouble);
  for (const EntryId& id : lines.take_all(to)) refusals.push_back({to, id, shared});
  call_clerks();
}

void Sender::State::greeted(const Attempt& by) {
  lines.greeted(by.destination());
  places.greeted(by.number());
}

void Sender::State::begins_message(const Attempt& by) {
  places.begin_message(by.number(), ports.clock.monotonic());
}

void Sender::State::ends_message(const Attempt& by) {
  if (!places.end_message(by.number())) wake();
}

void Sender::State::lost(const Attempt& by) {
  lines.lost(by.destination());
  places.lost(by.number(), ports.clock.monotonic());
  wake();
}

bool Sender::State::is_wanted(const Destination& to) const {
  const bool is_needed = !places.is_free() && is_place_wanted();
  return !lines.is_empty(to) || (!stopping && !is_needed);
}

// ---- destinations of which no host was to be had

void Sender::State::call_clerks() {
  constexpr std::size_t most{4};
  while (clerks < std::min(most, refusals.size())) {
    ++clerks;
    boost::asio::co_spawn(loop, record_refusals(), [self = shared_from_this()](const std::exception_ptr& failure) {
      --self->clerks;
      self->wake();
      self->log(failure);
    });
  }
}

awaitable<void> Sender::State::record_refusals() {
  while (!stopping && !refusals.empty()) {
    const Refusal refused = std::move(refusals.front());
    refusals.pop_front();
    std::vector<Finding> findings;
    const std::optional<Entry> entry = co_await show(refused.id);
    if (entry) findings = findings_for(*entry, untried_at(*entry, refused.to), *refused.trouble);
    co_await rounds.finish(refused.id, std::move(findings));
    wake();
  }
}

// ---- policies

/// Beside all else, and often enough for those that hold for minutes.
void Sender::State::refresh_policies() {
  const auto now = ports.clock.monotonic();
  if (refreshing || now < next_refresh) return;
  next_refresh = now + 5min;
  refreshing = true;
  boost::asio::co_spawn(loop, sts.refresh(), [self = shared_from_this()](const std::exception_ptr& failure) {
    self->refreshing = false;
    self->ports.alarm.cancel();
    self->log(failure);
  });
}

// ---- from outside

void Sender::State::stop() {
  if (std::exchange(stopping, true)) return;
  ports.resolver.stop();
  sts.stop();
  ports.dialer.stop();
  for (auto& [number, attempt] : attempts) attempt.stop();
  ports.alarm.cancel();
}

void Sender::State::abort() {
  stop();
  for (auto& [number, attempt] : attempts) attempt.abort();
}

void Sender::State::look_at(const EntryId& id) {
  agenda.look_at(id);
  ports.alarm.cancel();
}

void Sender::State::publish_figures() {
  const std::lock_guard lock(figures_mutex);
  figures = {agenda.waiting() + rounds.size(), agenda.held(), places.connections(), rounds.delivered(),
             rounds.failed()};
}

}  // namespace mailpod::queue
