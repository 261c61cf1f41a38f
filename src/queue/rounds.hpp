#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/queue/sender.hpp>

#include "agenda.hpp"
#include "outcome.hpp"
#include "teller.hpp"

namespace mailpod::queue {

/// Entries under way. A round begins when an entry is due and ends when each of its destinations has been tried: what
/// was learnt is in the spool as it came, then the next try is set, the submitter is told, and an entry that has done
/// its work is dropped. Findings that the disk does not take are kept and written later; until then the entry is not
/// tried again, so that a full disk makes no duplicates. Loop; borrows everything.
class Rounds {
public:
  Rounds(const Sender::Ports& ports, const Sender::Settings& settings, Agenda& agenda);

  bool contains(const EntryId& id) const { return under_way_.contains(id); }
  std::size_t size() const { return under_way_.size(); }

  /// Every part, one a destination, ends with finish(), perhaps after some learn(). At least one part.
  void begin(const Entry& entry, std::size_t parts);
  boost::asio::awaitable<void> finish(EntryId id, std::vector<Finding> findings);
  boost::asio::awaitable<void> learn(EntryId id, std::vector<Finding> findings);
  /// Whether this recipient has been tried in this round by a part that goes on.
  bool has_tried(const EntryId& id, std::size_t recipient) const;
  /// The entry was changed by somebody else: look at it when the round is over.
  void look_at(const EntryId& id) { under_way_.at(id).look_again = true; }
  /// What could not be written is due again.
  boost::asio::awaitable<void> write_again(EntryId id);

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }

private:
  struct Round {
    base::Time due{};  ///< when the entry said that it was, as the round began
    std::size_t parts = 0;
    bool learnt = false;   ///< something, in this round
    bool writing = false;  ///< somebody writes, and takes along what comes meanwhile
    bool look_again = false;
    std::vector<Finding> unwritten;
    std::set<std::size_t> tried;  ///< what learn() has brought
  };
  /// One change of the entry, and what came of it.
  struct Change {
    std::vector<Finding> findings;
    bool ends_round = false;
    base::Time due{};  ///< the round's
    News told;

    void apply(Entry& entry, const Timetable& timetable, base::Time now, double spread);
    void conclude(Entry& entry, const Timetable& timetable, base::Time now, double spread) const;
    Entry before, after;
    bool done = false;  ///< nothing is left to do: dropped
  };
  enum class Written { yes, gone, not_now };

  boost::asio::awaitable<void> write(EntryId id);
  boost::asio::awaitable<Written> commit(const EntryId& id, Change& change);
  Status change_or_drop(const EntryId& id, Change& change);
  boost::asio::awaitable<void> conclude(const EntryId& id, const Entry& entry);
  void end(const EntryId& id, const std::optional<Entry>& entry);
  void try_later(const EntryId& id, const Entry& entry);
  double spread();
  void log(const EntryId& id, const std::vector<Finding>& findings) const;
  void count(const Entry& before, const Entry& after);
  void watch(const Change& change) const;

  const Sender::Ports& ports_;
  const Sender::Settings& settings_;
  Agenda& agenda_;
  Teller teller_;
  std::map<EntryId, Round> under_way_;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace mailpod::queue
