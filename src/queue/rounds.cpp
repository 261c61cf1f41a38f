#include "rounds.hpp"

#include <algorithm>
#include <system_error>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;

// Only the code: what else a server says may hold addresses.
std::string code_of(const std::string& reply) {
  const std::size_t length = reply.find_first_not_of("0123456789. ");
  std::string code = reply.substr(0, length);
  while (code.ends_with(' ')) code.pop_back();
  std::ranges::replace(code, ' ', '/');
  return code.empty() ? "none" : code;
}

std::string_view event_for(RecipientState state) {
  switch (state) {
    case RecipientState::delivered:
    case RecipientState::expanded:
      return "queue.sent";
    case RecipientState::failed:
      return "queue.refused";
    case RecipientState::pending:
      break;
  }
  return "queue.deferred";
}

std::size_t count_in(const Entry& entry, RecipientState state) {
  return static_cast<std::size_t>(std::ranges::count(entry.recipients, state, &Recipient::state));
}

}  // namespace

Rounds::Rounds(const Sender::Ports& ports, const Sender::Settings& settings, Agenda& agenda)
    : ports_(ports), settings_(settings), agenda_(agenda), teller_(ports, settings) {}

void Rounds::begin(const Entry& entry, std::size_t parts) {
  Round& round = under_way_[entry.id];
  round.due = entry.next_try;
  round.parts = parts;
}

bool Rounds::has_tried(const EntryId& id, std::size_t recipient) const {
  return under_way_.at(id).tried.contains(recipient);
}

awaitable<void> Rounds::learn(EntryId id, std::vector<Finding> findings) {
  Round& round = under_way_.at(id);
  for (const Finding& finding : findings) round.tried.insert(finding.recipient);
  // finish() takes it off again.
  ++round.parts;
  co_await finish(id, std::move(findings));
}

awaitable<void> Rounds::finish(EntryId id, std::vector<Finding> findings) {
  Round& round = under_way_.at(id);
  --round.parts;
  round.learnt |= !findings.empty();
  std::ranges::move(findings, std::back_inserter(round.unwritten));
  if (round.writing || (findings.empty() && round.parts > 0)) co_return;
  co_await write(id);
}

awaitable<void> Rounds::write_again(EntryId id) {
  Round& round = under_way_.at(id);
  if (!round.writing && round.parts == 0) co_await write(id);
}

/// One at a time for each entry. Only what is in the spool counts.
awaitable<void> Rounds::write(EntryId id) {
  Round& round = under_way_.at(id);
  round.writing = true;
  while (true) {
    Change change;
    change.findings = std::exchange(round.unwritten, {});
    change.ends_round = round.parts == 0 && round.learnt;
    change.due = round.due;
    const bool last = round.parts == 0;
    const Written written = co_await commit(id, change);
    if (written == Written::not_now) {
      std::ranges::move(round.unwritten, std::back_inserter(change.findings));
      round.unwritten = std::move(change.findings);
      round.writing = false;
      if (round.parts == 0) agenda_.wait_for(id, settings_.timetable.steps.front());
      co_return;
    }
    log(id, change.findings);
    if (last) {
      if (written == Written::gone || change.done) {
        end(id, std::nullopt);
      } else {
        co_await conclude(id, change.after);
      }
      co_return;
    }
    if (round.unwritten.empty() && round.parts > 0) {
      round.writing = false;
      co_return;
    }
  }
}

/// The submitter hears what is due, durably, before the entry says that they know.
awaitable<void> Rounds::conclude(const EntryId& id, const Entry& entry) {
  Change change;
  change.told = teller_.news_of(entry);
  if (change.told.empty()) {
    end(id, entry);
    co_return;
  }
  const bool told = co_await teller_.tell(entry, change.told);
  Written written = Written::not_now;
  if (told) written = co_await commit(id, change);
  if (written == Written::not_now) {
    try_later(id, entry);
  } else if (written == Written::gone || change.done) {
    end(id, std::nullopt);
  } else {
    end(id, change.after);
  }
}

/// Who asked for another attempt during this one gets it.
void Rounds::Change::conclude(Entry& entry, const Timetable& timetable, base::Time now, double spread) const {
  const base::Time asked = entry.next_try;
  conclude_round(entry, timetable, now, spread);
  if (asked != due && asked <= now && has_pending(entry)) entry.next_try = asked;
}

void Rounds::Change::apply(Entry& entry, const Timetable& timetable, base::Time now, double spread) {
  before = entry;
  note(entry, findings, now);
  if (ends_round) conclude(entry, timetable, now, spread);
  mark_told(entry, told);
  after = entry;
  done = is_done(entry);
  // To drop it says all that there is to say.
  if (done) entry = before;
}

Status Rounds::change_or_drop(const EntryId& id, Change& change) {
  const base::Time now = ports_.clock.now();
  const double moved = spread();
  const Status changed =
      ports_.spool.change(id, [&](Entry& entry) { change.apply(entry, settings_.timetable, now, moved); });
  if (!changed || !change.done) return changed;
  return ports_.spool.drop(id);
}

awaitable<Rounds::Written> Rounds::commit(const EntryId& id, Change& change) {
  const auto work = [&] { return change_or_drop(id, change); };
  try {
    const Status status = co_await ports_.pool.run(work);
    if (!status) {
      if (status.error() != Errc::no_such_entry) {
        ports_.log.error("queue.damaged id={} reason=\"{}\"", id.str(), status.error().message());
      }
      co_return Written::gone;
    }
    count(change.before, change.after);
    watch(change);
    co_return Written::yes;
  } catch (const std::system_error& error) {
    ports_.log.error("queue.unwritten id={} reason=\"{}\"", id.str(), error.code().message());
  }
  co_return Written::not_now;
}

void Rounds::end(const EntryId& id, const std::optional<Entry>& entry) {
  const bool look_again = under_way_.at(id).look_again;
  under_way_.erase(id);
  if (look_again) {
    agenda_.look_at(id);
  } else if (!entry) {
    agenda_.forget(id);
  } else if (entry->held) {
    agenda_.hold(id);
  } else {
    agenda_.wait_until(id, entry->next_try);
  }
}

/// What could not be told is told with the next round.
void Rounds::try_later(const EntryId& id, const Entry& entry) {
  const bool pending = has_pending(entry);
  end(id, entry);
  if (!pending) agenda_.wait_for(id, settings_.timetable.steps.front());
}

double Rounds::spread() {
  const auto random = ports_.entropy.bytes<2>();
  return (random[0] * 256 + random[1]) / 65536.0;
}

void Rounds::log(const EntryId& id, const std::vector<Finding>& findings) const {
  for (const RecipientState state : {RecipientState::delivered, RecipientState::failed, RecipientState::pending}) {
    const auto first = std::ranges::find(findings, state, &Finding::state);
    if (first == findings.end()) continue;
    ports_.log.info("{} id={} host={} recipients={} reply={}", event_for(state), id.str(),
                    first->host.empty() ? "none" : base::printable(first->host),
                    std::ranges::count(findings, state, &Finding::state), code_of(first->reply));
  }
}

void Rounds::watch(const Change& change) const {
  const auto refused = std::ranges::count_if(change.findings, [](const Finding& finding) {
    return finding.state == RecipientState::failed && !finding.embargoed;
  });
  if (ports_.watch == nullptr || refused == 0 || !change.after.submitter) return;
  ports_.watch->refused(*change.after.submitter, static_cast<std::size_t>(refused));
}

void Rounds::count(const Entry& before, const Entry& after) {
  delivered_ += count_in(after, RecipientState::delivered) - count_in(before, RecipientState::delivered);
  const std::size_t failures = count_in(after, RecipientState::failed) - count_in(before, RecipientState::failed);
  failed_ += failures;
  if (failures > 0 && !may_report(after)) {
    ports_.log.warning("queue.unreported id={} recipients={}", after.id.str(), failures);
  }
}

}  // namespace mailpod::queue
