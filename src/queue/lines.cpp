#include "lines.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mailpod::queue {

Lines::Place Lines::line(const Destination& to) {
  return lines_.try_emplace(to).first;
}

void Lines::take_turns(Place place) {
  if (!std::exchange(place->second.has_turn, true)) turns_.push_back(place);
}

void Lines::join(const Destination& to, const EntryId& id, std::int8_t priority) {
  const Place place = line(to);
  place->second.waiting.emplace(priority, id);
  take_turns(place);
}

std::optional<EntryId> Lines::take(const Destination& to) {
  Line& line = this->line(to)->second;
  const auto first = line.waiting.begin();
  if (first == line.waiting.end()) return std::nullopt;
  const auto [priority, id] = *first;
  line.waiting.erase(first);
  line.taken.emplace(id, priority);
  return id;
}

void Lines::put_down(const Destination& to, const EntryId& id) {
  line(to)->second.taken.erase(id);
}

void Lines::put_back(const Destination& to, const EntryId& id) {
  const Place place = line(to);
  Line& line = place->second;
  const auto taken = line.taken.find(id);
  assert(taken != line.taken.end());
  line.waiting.emplace_hint(line.waiting.lower_bound(taken->second), taken->second, id);
  line.taken.erase(taken);
  take_turns(place);
}

std::vector<EntryId> Lines::take_all(const Destination& to) {
  const Place place = lines_.find(to);
  if (place == lines_.end()) return {};
  std::vector<EntryId> all;
  for (const auto& [priority, id] : std::exchange(place->second.waiting, {})) all.push_back(id);
  return all;
}

bool Lines::is_empty(const Destination& to) const {
  const auto place = lines_.find(to);
  return place == lines_.end() || place->second.waiting.empty();
}

/// Those that are connecting, or have just nothing to do, will each take one.
bool Lines::wants_connection(const Line& line) const {
  const std::size_t mine = line.connecting + line.serving;
  if (line.waiting.size() <= mine - line.taken.size()) return false;
  if (mine >= std::min(limits_.per_destination, line.most)) return false;
  return mine == 0 || line.serving > 0;
}

std::optional<Destination> Lines::open() {
  if (connections_ >= limits_.connections) return std::nullopt;
  // Those that wait and may not open one have one already: they are few.
  for (std::size_t left = turns_.size(); left > 0; --left) {
    const Place place = turns_.front();
    turns_.pop_front();
    if (place->second.waiting.empty()) {
      place->second.has_turn = false;
      tidy(place);
      continue;
    }
    turns_.push_back(place);
    if (!wants_connection(place->second)) continue;
    ++place->second.connecting;
    ++connections_;
    return place->first;
  }
  return std::nullopt;
}

void Lines::greeted(const Destination& to) {
  const Place place = lines_.find(to);
  assert(place != lines_.end() && place->second.connecting > 0);
  --place->second.connecting;
  ++place->second.serving;
}

void Lines::lost(const Destination& to) {
  const Place place = lines_.find(to);
  assert(place != lines_.end() && place->second.serving > 0);
  ++place->second.connecting;
  --place->second.serving;
}

void Lines::closed(const Destination& to, Was was) {
  const Place place = lines_.find(to);
  assert(place != lines_.end());
  std::size_t& count = was == Was::connecting ? place->second.connecting : place->second.serving;
  assert(count > 0);
  --count;
  Line& line = place->second;
  if (was == Was::connecting && line.serving > 0) line.most = std::min(line.most, line.serving);
  --connections_;
  tidy(place);
}

bool Lines::is_served(const Destination& to) const {
  const auto place = lines_.find(to);
  return place != lines_.end() && place->second.serving > 0;
}

bool Lines::is_crowded() const {
  if (connections_ < limits_.connections) return false;
  return std::ranges::any_of(turns_, [&](const Place& place) { return wants_connection(place->second); });
}

void Lines::tidy(Place place) {
  const Line& line = place->second;
  if (line.waiting.empty() && line.connecting + line.serving == 0 && !line.has_turn) lines_.erase(place);
}

}  // namespace mailpod::queue
