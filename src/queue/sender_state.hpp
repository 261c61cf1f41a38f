#pragma once

#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/queue/sender.hpp>

#include "agenda.hpp"
#include "attempt.hpp"
#include "destination.hpp"
#include "lines.hpp"
#include "places.hpp"
#include "rounds.hpp"
#include "sts_guide.hpp"
#include "tls_policies.hpp"

namespace mailpod::queue {

/// The sender's loop. What is due by the agenda is opened and its recipients join the lines of their destinations;
/// lines open connections in turn, as far as there are places; each connection is an Attempt, which takes its errands
/// from its line and tells what it has learnt to the rounds, which write it down and put the entry on the agenda again.
///
/// Kept alive by the coroutines that use it.
struct Sender::State final : Errands, std::enable_shared_from_this<Sender::State> {
  State(boost::asio::any_io_executor on, const Ports& given, Settings wanted);

  boost::asio::awaitable<void> run();
  void stop();
  void abort();
  void look_at(const EntryId& id);

  // Errands, for attempts
  boost::asio::awaitable<std::optional<Errand>> next(const Destination& to) override;
  boost::asio::awaitable<void> finished(const Destination& to, const EntryId& id, std::vector<Finding> findings,
                                        Extent extent) override;
  void put_back(const Destination& to, const EntryId& id) override;
  void refuse_all(const Destination& to, const Trouble& trouble) override;
  void greeted(const Attempt& by) override;
  bool has_place(const Attempt& by) const override { return places.has(by.number()); }
  void begins_message(const Attempt& by) override;
  void ends_message(const Attempt& by) override;
  void lost(const Attempt& by) override;
  bool is_hurried() const override { return places.is_crowded(); }
  bool is_wanted(const Destination& to) const override;

  boost::asio::awaitable<void> load();
  boost::asio::awaitable<void> open_what_is_due();
  boost::asio::awaitable<void> open(Agenda::Due due);
  boost::asio::awaitable<std::optional<Entry>> show(const EntryId& id);
  boost::asio::awaitable<void> begin_round(Entry entry);
  void join_lines(const Entry& entry, const std::vector<Destination>& destinations);
  /// What those of these recipients hear to whom nothing is sent at present; they are taken out.
  /// Of `recipients`, those to whom nothing goes: for good, by the pod's rules, or at present, by its administrator.
  std::vector<Finding> take_barred(const Entry& entry, std::vector<std::size_t>& recipients) const;
  std::vector<Finding> take_embargoed(const Entry& entry, std::vector<std::size_t>& recipients) const;
  std::vector<Finding> take_suppressed(const Entry& entry, std::vector<std::size_t>& recipients) const;
  std::vector<std::size_t> untried_at(const Entry& entry, const Destination& to) const;
  boost::asio::awaitable<std::optional<Errand>> prepare(const EntryId& id, const Destination& to);

  /// Those that failed wait until there is room.
  Rank worst() const { return places.is_crowded() ? Rank::fresh : Rank::failing; }
  bool is_place_wanted() const { return places.is_awaited() || lines.wants_connection(worst()); }
  void open_connections();
  void connect(Destination to);
  void ended(std::uint64_t number, const std::exception_ptr& failure);
  void log(const std::exception_ptr& failure) const;
  void ring_resting(const Destination& to);
  boost::asio::awaitable<void> wait();
  void refresh_policies();

  /// What a destination's mail hears that no host of it could be had, entry by entry: a dead destination may have very
  /// many, and the disk has others to serve meanwhile. So few write them down.
  struct Refusal {
    Destination to;
    EntryId id;
    std::shared_ptr<const Trouble> trouble;
  };
  boost::asio::awaitable<void> record_refusals();
  void call_clerks();
  /// The loop has something to do.
  void wake();
  void publish_figures();

  boost::asio::any_io_executor loop;
  Ports ports;
  Settings settings;
  Guide guide;
  StsGuide sts;
  TlsPolicies tls_policies;
  Agenda agenda;
  Lines lines;
  Places places;
  Rounds rounds;
  std::map<std::uint64_t, Attempt> attempts;  ///< by number
  std::uint64_t last_number = 0;
  std::deque<Refusal> refusals;
  std::size_t clerks = 0;                     ///< who write refusals down, at present
  std::chrono::microseconds next_refresh{0};  ///< of policies, by the monotonic clock
  bool refreshing = false;
  bool stopping = false;

  std::mutex figures_mutex;
  Figures figures;  ///< as published
};

}  // namespace mailpod::queue
