#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <mailpod/queue/entry.hpp>

#include "destination.hpp"

namespace mailpod::queue {

/// Who waits for a connection, destination by destination, and which destination may open the next.
///
/// Destinations take turns, so that ten thousand messages for one slow domain keep nobody else waiting. A destination
/// opens a second connection only once the first has been greeted: a dead one costs one at a time. One loop.
class Lines {
public:
  struct Limits {
    std::size_t connections;      ///< at once, to all destinations
    std::size_t per_destination;  ///< at once
  };
  explicit Lines(Limits limits) : limits_(limits) {}

  /// Who has the higher priority goes before; of equals, who came first.
  void join(const Destination& to, const EntryId& id, std::int8_t priority = 0);
  /// A connection of the line takes one, and is busy until it has put it down, or back: then it goes before everybody
  /// else of its priority again.
  std::optional<EntryId> take(const Destination& to);
  void put_down(const Destination& to, const EntryId& id);
  void put_back(const Destination& to, const EntryId& id);
  std::vector<EntryId> take_all(const Destination& to);
  bool is_empty(const Destination& to) const;

  /// The destination whose turn it is to open a connection; it counts from here on, until closed().
  std::optional<Destination> open();
  /// A host has greeted: this connection serves the line now.
  void greeted(const Destination& to);
  /// It wants no message after all; the connection looks for another host.
  void lost(const Destination& to);
  enum class Was { connecting, serving };
  /// A connection that failed to come about while others serve is one more than the host wants: the line keeps to that.
  void closed(const Destination& to, Was was);
  bool is_served(const Destination& to) const;

  std::size_t connections() const { return connections_; }
  /// Somebody would open a connection if there were not so many.
  bool is_crowded() const;

private:
  struct Line {
    std::multimap<std::int8_t, EntryId, std::greater<>> waiting;  ///< by priority
    std::map<EntryId, std::int8_t> taken;                         ///< by connections, until put down or back
    std::size_t connecting = 0;
    std::size_t serving = 0;
    std::size_t most = SIZE_MAX;  ///< connections that the host was seen to bear
    bool has_turn = false;        ///< stands in turns_
  };
  using Place = std::map<Destination, Line>::iterator;

  Place line(const Destination& to);
  void take_turns(Place place);
  void tidy(Place place);
  bool wants_connection(const Line& line) const;

  Limits limits_;
  std::map<Destination, Line> lines_;
  std::deque<Place> turns_;  ///< lines where somebody waits; others are taken out when their turn comes
  std::size_t connections_ = 0;
};

}  // namespace mailpod::queue
