#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "truth.hpp"

namespace mailpod::model {

/// One session as its client sees it: what it has been told, and whether that was allowed. RFC 3501 §7.
class Witness {
public:
  explicit Witness(std::size_t the_client) : client(the_client) {}

  struct Told {
    Uid uid;
    std::optional<Flags> flags;  ///< as told, or as it follows from a silent STORE; nothing: never
  };
  /// What may be said now.
  struct Rules {
    bool expunge = true;                 ///< RFC 3501 §7.4.1: not while FETCH, STORE or SEARCH is answered, nor unasked
    std::map<Uid, Flags> before_seen{};  ///< flags that a FETCH of bodies may still show
  };

  /// Takes one untagged response of a command that concerns the mailbox, and checks it; others are passed over.
  void take(const Reply& reply, const Rules& rules);

  void select(std::shared_ptr<Mailbox> mailbox, bool read_only);
  void unselect();

  /// All is told: no message is unknown or a ghost, and no flags that were told are others now.
  void require_synced() const;
  /// The client still counts a message that is gone, or does not know one that came.
  bool is_behind() const;
  bool is_gone(const Told& one) const { return !mailbox->messages.contains(one.uid); }

  std::size_t client;
  std::shared_ptr<Mailbox> mailbox;  ///< the selected one, or nullptr
  bool read_only = false;
  bool idles = false;
  std::vector<Told> view;  ///< by sequence number
  /// Since begin_command(): the items that FETCH responses showed of each message.
  std::map<Uid, std::set<std::string>> shown;
  void begin_command() { shown.clear(); }

private:
  void take_exists(std::uint32_t count);
  void take_expunge(std::uint32_t number);
  void take_fetch(std::uint32_t number, const Value& items, const Rules& rules);
  void check_item(Told& told, const std::string& name, const Value& value, const Rules& rules);

  Flags applicable_;  ///< of the last FLAGS response
};

/// `(\Seen foo)`
Flags flags_in(const Value& list);
std::string written(const Flags& flags);

}  // namespace mailpod::model
