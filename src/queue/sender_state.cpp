#include "sender_state.hpp"

#include <algorithm>
#include <exception>
#include <system_error>

#include <boost/asio/co_spawn.hpp>

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

}  // namespace

Sender::State::State(boost::asio::any_io_executor on, const Ports& given, Settings wanted)
    : loop(std::move(on)),
      ports(given),
      settings(std::move(wanted)),
      guide(ports.resolver, ports.entropy, {settings.port, settings.own_names, settings.hosts, settings.loopback}),
      agenda(ports.clock, settings.timetable.longest_wait()),
      lines({settings.connections, settings.connections_per_destination}),
      rounds(ports, settings, agenda) {}

awaitable<void> Sender::State::run() {
  co_await load();
  while (!stopping) {
    co_await open_what_is_due();
    if (stopping) break;
    const auto until = agenda.until_next().value_or(1h);
    // Rounded up: a moment early, nothing would be due yet.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until);
    co_await ports.alarm.wait(wait);
  }
  while (!attempts.empty()) co_await ports.alarm.wait(1h);
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
    const std::vector<std::size_t> pending = pending_of(*entry);
    if (!pending.empty()) {
      join_lines(*entry);
      co_return;
    }
    // Somebody is still to be told.
    rounds.begin(due.id, 1);
    std::vector<Finding> nothing;
    co_await rounds.finish(due.id, std::move(nothing));
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

void Sender::State::join_lines(const Entry& entry) {
  std::vector<Destination> destinations;
  for (const std::size_t place : pending_of(entry)) {
    destinations.push_back(destination_of(entry, place));
  }
  std::ranges::sort(destinations);
  const auto repeated = std::ranges::unique(destinations);
  destinations.erase(repeated.begin(), repeated.end());

  rounds.begin(entry.id, destinations.size());
  for (const Destination& to : destinations) {
    lines.join(to, entry.id, entry.priority);
    ring_resting(to);
  }
}

// ---- from the lines to connections

void Sender::State::open_connections() {
  while (!stopping) {
    const std::optional<Destination> to = lines.open();
    if (!to) break;
    connect(*to);
  }
  // Who rests keeps a place that somebody else needs.
  if (!lines.is_crowded()) return;
  for (Attempt& attempt : attempts) attempt.ring();
}

void Sender::State::connect(const Destination& to) {
  const auto attempt = attempts.emplace(attempts.end(), ports, settings, guide, to, *this);
  const auto ended = [self = shared_from_this(), attempt](const std::exception_ptr& failure) {
    const auto was = attempt->has_greeted() ? Lines::Was::serving : Lines::Was::connecting;
    self->lines.closed(attempt->destination(), was);
    self->attempts.erase(attempt);
    self->wake();
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::system_error& error) {
      if (!self->stopping) self->ports.log.error("queue.attempt_failed reason=\"{}\"", error.code().message());
    }
  };
  boost::asio::co_spawn(loop, attempt->run(), ended);
}

void Sender::State::ring_resting(const Destination& to) {
  for (Attempt& attempt : attempts) {
    if (attempt.destination() != to || !attempt.is_resting()) continue;
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
    open_connections();
    std::optional<Errand> errand = co_await prepare(*id, to);
    if (errand) co_return errand;
  }
  co_return std::nullopt;
}

std::vector<std::size_t> Sender::State::untried_at(const Entry& entry, const Destination& to) const {
  std::vector<std::size_t> places = pending_of(entry);
  std::erase_if(places, [&](std::size_t place) {
    return rounds.has_tried(entry.id, place) || destination_of(entry, place) != to;
  });
  return places;
}

/// Nothing if there is no more to do for it here: then its part of the round is finished.
awaitable<std::optional<Errand>> Sender::State::prepare(const EntryId& id, const Destination& to) {
  std::optional<Entry> entry = co_await show(id);
  std::vector<Finding> findings;
  if (entry && !entry->held) {
    std::vector<std::size_t> places = untried_at(*entry, to);
    const bool others_left = places.size() > settings.recipients_per_message;
    if (others_left) places.resize(settings.recipients_per_message);
    const auto opening = [&] { return ports.spool.open_message(*entry); };
    std::string reason;
    try {
      auto message = co_await ports.pool.run(opening);
      if (message && !places.empty()) {
        auto watched = std::make_unique<WatchedSource>(std::move(*message));
        co_return Errand{std::move(*entry), std::move(places), others_left, std::move(watched)};
      }
      if (!message) reason = message.error().message();
    } catch (const std::system_error& error) {
      reason = error.code().message();
    }
    if (!reason.empty()) {
      ports.log.error("queue.damaged id={} reason=\"{}\"", id.str(), reason);
      findings = findings_for(*entry, places, {"451 4.3.0 the message cannot be read from the queue at present", {}});
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

awaitable<void> Sender::State::refuse_all(const Destination& to, const Trouble& trouble) {
  // One connection too many says nothing against those that serve.
  if (lines.is_served(to)) co_return;
  const std::vector<EntryId> waiting = lines.take_all(to);
  for (const EntryId& id : waiting) {
    std::vector<Finding> findings;
    const std::optional<Entry> entry = co_await show(id);
    if (entry) findings = findings_for(*entry, untried_at(*entry, to), trouble);
    co_await rounds.finish(id, std::move(findings));
    wake();
  }
}

void Sender::State::greeted(const Destination& to) {
  lines.greeted(to);
}

void Sender::State::lost(const Destination& to) {
  lines.lost(to);
}

bool Sender::State::is_wanted(const Destination& to) const {
  return !lines.is_empty(to) || (!stopping && !lines.is_crowded());
}

// ---- from outside

void Sender::State::stop() {
  if (std::exchange(stopping, true)) return;
  ports.resolver.stop();
  ports.dialer.stop();
  for (Attempt& attempt : attempts) attempt.stop();
  ports.alarm.cancel();
}

void Sender::State::abort() {
  stop();
  for (Attempt& attempt : attempts) attempt.abort();
}

void Sender::State::look_at(const EntryId& id) {
  agenda.look_at(id);
  ports.alarm.cancel();
}

void Sender::State::publish_figures() {
  const std::lock_guard lock(figures_mutex);
  figures = {agenda.waiting() + rounds.size(), agenda.held(), lines.connections(), rounds.delivered(), rounds.failed()};
}

}  // namespace mailpod::queue
