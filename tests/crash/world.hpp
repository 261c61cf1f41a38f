#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/crypto/age.hpp>

#include "unit/store/household.hpp"

namespace mailpod::store::crash {

using test::Household;

/// What a pod of a few members was told to keep.
struct Model {
  struct Message {
    std::string content;
    std::set<std::uint32_t> flags;  ///< any of these: flags are durable only after a flush
  };
  struct Box {
    std::uint32_t uid_validity = 0;  ///< 0: not told yet, so any that was never used before
    std::uint32_t uid_next = 1;
    bool subscribed = false;
    Annotations annotations;
    std::map<std::uint32_t, Message> messages;
  };
  struct Member {
    std::map<std::string, Box> boxes;
    Annotations annotations;                 ///< of the vault itself
    std::set<std::string> subscribed_names;  ///< that no mailbox has
    std::vector<std::string> arrived;        ///< delivered, not merged; in order
    bool archive = false;                    ///< the card names an archive recipient
  };
  std::vector<Member> members;

  /// Flags that were only shown become certain.
  void settle_flags();
};

/// A pod that lives, and what it was told. Every step names the model that holds once it is acknowledged; if the power
/// goes during the step, either model may hold.
class World {
public:
  /// `omitted`: the place of a sync that does nothing on any disk of this world; empty: none.
  World(std::uint64_t seed, std::string omitted);

  // The steps, each on member 0 unless told otherwise.
  void append(const std::string& box, std::vector<std::string> contents);
  void deliver(const std::vector<std::size_t>& to, const std::string& content);
  void merge();
  void copy(const std::string& from, std::vector<std::uint32_t> uids, const std::string& to);
  void move(const std::string& from, std::vector<std::uint32_t> uids, const std::string& to);
  void flag(const std::string& box, std::vector<std::uint32_t> uids, std::uint32_t system);
  void flush();
  void expunge(const std::string& box, std::vector<std::uint32_t> uids);
  void create(const std::string& name);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& name);
  void subscribe(const std::string& name);
  void annotate(const std::string& box, const Annotations& values);  ///< no box: the vault itself
  void admit();                                                      ///< a new member with a new vault and a card
  void change_card();
  void reopen();   ///< a clean close, and opening again
  void restart();  ///< the process dies; nothing is lost on the disk

  /// The so-manieth mutating call from now on is the last.
  void lose_power_at(std::uint64_t call);
  /// From now on a failing disk is an answer too, after which all must be as before.
  void tolerate_failures() { tolerant_ = true; }

  /// The power goes now: what the disk holds by this seed is opened by production code, twice.
  /// Answers what is wrong; empty if nothing is.
  std::string after_power_loss(std::uint64_t seed);
  /// The process was killed now: its successor goes on with the same disk, and then the power goes.
  std::string after_kill(std::uint64_t seed);

  simulation::Disk& disk() { return *house.disk; }
  std::set<std::string> sync_places() const;
  /// By the name of each step above that ran: how many calls of the disk it made, at each of which the power can go.
  const std::map<std::string, std::uint64_t>& calls_within() const { return calls_within_; }

  Household house;

private:
  using Step = std::function<void()>;
  void step(Model after, const Step& run, std::source_location which = std::source_location::current());
  MailboxId id(const std::string& box) { return vault_->state()->find(box)->id; }
  void note_what_is_shown();
  std::string compare(const Model& expected);
  std::string compare_member(std::size_t index, Model::Member expected);
  std::string examine();
  std::string probe(Model& model);
  void swap_disk(std::unique_ptr<simulation::Disk> disk);

  std::string omitted_;
  std::set<std::string> places_;
  std::map<std::string, std::uint64_t> calls_within_;
  std::uint64_t power_lost_at_ = 0;
  bool tolerant_ = false;
  bool card_in_doubt_ = false;
  std::unique_ptr<Vault> vault_;
  Model told_;
  std::optional<Model> under_way_;                     ///< what holds if the step under way is completed
  std::map<std::uint32_t, std::uint32_t> shown_uids_;  ///< by UIDVALIDITY: the highest UID that a client was told
};

}  // namespace mailpod::store::crash
