#include "lines.hpp"

#include <algorithm>
#include <cassert>

namespace mailpod::queue {

Lines::Place Lines::line(const Destination& to) {
  return lines_.try_emplace(to).first;
}

Lines::Place Lines::known_line(const Destination& to) {
  const auto place = lines_.find(to);
  assert(place != lines_.end());
  return place;
}

void Lines::join(const Destination& to, const EntryId& id, std::int8_t priority, Mail mail) {
  const auto place = line(to);
  place->second.waiting.emplace(priority, id);
  place->second.has_first_timers |= mail == Mail::first_time;
  settle(place);
}

std::optional<EntryId> Lines::take(const Destination& to) {
  const auto place = known_line(to);
  Line& line = place->second;
  const auto first = line.waiting.begin();
  if (first == line.waiting.end()) return std::nullopt;
  const auto [priority, id] = *first;
  line.waiting.erase(first);
  line.taken.emplace(id, priority);
  settle(place);
  return id;
}

void Lines::put_down(const Destination& to, const EntryId& id) {
  const auto place = line(to);
  place->second.taken.erase(id);
  settle(place);
}

void Lines::put_back(const Destination& to, const EntryId& id) {
  const auto place = known_line(to);
  Line& line = place->second;
  const auto taken = line.taken.find(id);
  assert(taken != line.taken.end());
  line.waiting.emplace_hint(line.waiting.lower_bound(taken->second), taken->second, id);
  line.taken.erase(taken);
  settle(place);
}

std::vector<EntryId> Lines::take_all(const Destination& to) {
  const auto place = lines_.find(to);
  if (place == lines_.end()) return {};
  std::vector<EntryId> all;
  for (const auto& [priority, id] : std::exchange(place->second.waiting, {})) all.push_back(id);
  place->second.has_first_timers = false;
  settle(place);
  return all;
}

bool Lines::is_empty(const Destination& to) const {
  const auto place = lines_.find(to);
  return place == lines_.end() || place->second.waiting.empty();
}

Rank Lines::rank(Place place) const {
  // Who is served already takes turns with everybody.
  if (place->second.serving > 0) return Rank::fresh;
  const Rank known = standings_.of(place->first);
  // After a restart, what has been tried before is all that is known of its destination.
  return known == Rank::fresh && !place->second.has_first_timers ? Rank::failing : known;
}

/// Those that are connecting, or have just nothing to do, will each take one.
bool Lines::wants_connection(const Line& line) const {
  const std::size_t mine = line.connecting + line.serving;
  if (line.waiting.size() <= mine - line.taken.size()) return false;
  if (mine >= std::min(most_, line.most)) return false;
  return mine == 0 || line.serving > 0;
}

void Lines::settle(Place place) {
  Line& line = place->second;
  const bool wants = wants_connection(line);
  const Rank now = wants ? rank(place) : Rank::failing;
  if (line.turn && (!wants || line.turn->first != now)) {
    turns_.erase(*line.turn);
    line.turn.reset();
  }
  if (wants && !line.turn) {
    line.turn.emplace(now, next_turn_++);
    turns_.emplace(*line.turn, place);
  }
  if (line.waiting.empty() && line.connecting + line.serving == 0) lines_.erase(place);
}

bool Lines::wants_connection(Rank worst) const {
  return !turns_.empty() && turns_.begin()->first.first <= worst;
}

std::optional<Destination> Lines::open(Rank worst) {
  if (!wants_connection(worst)) return std::nullopt;
  const auto place = turns_.begin()->second;
  Line& line = place->second;
  turns_.erase(turns_.begin());
  line.turn.reset();
  ++line.connecting;
  settle(place);
  return place->first;
}

void Lines::greeted(const Destination& to) {
  const auto place = known_line(to);
  assert(place->second.connecting > 0);
  --place->second.connecting;
  ++place->second.serving;
  standings_.note(to, Rank::good);
  settle(place);
}

void Lines::lost(const Destination& to) {
  const auto place = known_line(to);
  assert(place->second.serving > 0);
  ++place->second.connecting;
  --place->second.serving;
  settle(place);
}

void Lines::closed(const Destination& to, Was was) {
  const auto place = known_line(to);
  Line& line = place->second;
  std::size_t& count = was == Was::connecting ? line.connecting : line.serving;
  assert(count > 0);
  --count;
  if (was == Was::connecting) {
    if (line.serving > 0) {
      line.most = std::min(line.most, line.serving);
    } else {
      standings_.note(to, Rank::failing);
    }
  }
  settle(place);
}

bool Lines::is_served(const Destination& to) const {
  const auto place = lines_.find(to);
  return place != lines_.end() && place->second.serving > 0;
}

}  // namespace mailpod::queue
