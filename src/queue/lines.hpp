#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <mailpod/queue/entry.hpp>

#include "destination.hpp"
#include "standings.hpp"

namespace mailpod::queue {

/// Who waits for a connection, destination by destination, and which destination may open the next.
///
/// Destinations take turns, so that ten thousand messages for one slow domain keep nobody else waiting; those that have
/// lately answered go first, those that have lately failed, or whose mail has all been tried before, last. A
/// destination opens a second connection only once the first has been greeted: a dead one costs one at a time. One
/// loop.
class Lines {
public:
  explicit Lines(std::size_t connections_per_destination) : most_(connections_per_destination) {}

  /// Whether an entry has been tried before.
  enum class Mail { first_time, again };
  /// Who has the higher priority goes before; of equals, who came first.
  void join(const Destination& to, const EntryId& id, std::int8_t priority = 0, Mail mail = Mail::first_time);
  /// A connection of the line takes one, and is busy until it has put it down, or back: then it goes before everybody
  /// else of its priority again.
  std::optional<EntryId> take(const Destination& to);
  void put_down(const Destination& to, const EntryId& id);
  void put_back(const Destination& to, const EntryId& id);
  std::vector<EntryId> take_all(const Destination& to);
  bool is_empty(const Destination& to) const;

  /// The destination whose turn it is to open a connection, if there is one of this rank or a better one; the
  /// connection counts from here on, until closed().
  std::optional<Destination> open(Rank worst = Rank::failing);
  /// open() would name one.
  bool wants_connection(Rank worst = Rank::failing) const;
  /// A host has greeted: this connection serves the line now.
  void greeted(const Destination& to);
  /// It wants no message after all; the connection looks for another host.
  void lost(const Destination& to);
  enum class Was { connecting, serving };
  /// A connection that failed to come about while others serve is one more than the host wants: the line keeps to that.
  void closed(const Destination& to, Was was);
  bool is_served(const Destination& to) const;

private:
  using Turn = std::pair<Rank, std::uint64_t>;
  struct Line {
    std::multimap<std::int8_t, EntryId, std::greater<>> waiting;  ///< by priority
    std::map<EntryId, std::int8_t> taken;                         ///< by connections, until put down or back
    std::size_t connecting = 0;
    std::size_t serving = 0;
    std::size_t most = SIZE_MAX;    ///< connections that the host was seen to bear
    bool has_first_timers = false;  ///< somebody waits, or has waited, who was not tried before
    std::optional<Turn> turn;       ///< in turns_
  };
  using Place = std::map<Destination, Line>::iterator;

  Place line(const Destination& to);
  Place known_line(const Destination& to);
  Rank rank(Place place) const;
  bool wants_connection(const Line& line) const;
  /// After every change: whether the line has a turn, and whether it is still needed.
  void settle(Place place);

  std::size_t most_;  ///< connections to one destination
  std::map<Destination, Line> lines_;
  std::map<Turn, Place> turns_;  ///< exactly the lines that would open a connection
  std::uint64_t next_turn_ = 0;
  Standings standings_;
};

}  // namespace mailpod::queue
