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
    std::optional<Flags> flags;            ///< as told, or as it follows from a silent STORE; nothing: never
    std::optional<unsigned> version = {};  ///< of which the mod-sequence was told
  };
  /// What the session has enabled. RFC 7162 §3.1, §3.2, RFC 9586.
  struct Enabled {
    bool condstore = false;
    bool qresync = false;
    bool uid_only = false;
    bool vanished() const { return qresync || uid_only; }
  };
  /// What a client writes down of a mailbox when it leaves it, for SELECT (QRESYNC …).
  struct Kept {
    std::shared_ptr<Mailbox> mailbox;
    ModSeq highest = 0;
    std::map<Uid, std::optional<Flags>> flags;
  };
  /// What may be said now.
  struct Rules {
    bool expunge = true;                 ///< RFC 3501 §7.4.1: not while FETCH, STORE or SEARCH is answered, nor unasked
    std::map<Uid, Flags> before_seen{};  ///< flags that a FETCH of bodies may still show
    bool earlier = false;                ///< VANISHED (EARLIER)
    bool bare_flags = false;             ///< FLAGS were asked for, without MODSEQ
  };

  /// Takes one untagged response of a command that concerns the mailbox, and checks it; others are passed over.
  void take(const Reply& reply, const Rules& rules);

  void select(std::shared_ptr<Mailbox> selected, bool read_only);
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
  Enabled enabled;
  ModSeq highest = 0;  ///< HIGHESTMODSEQ, as the client may write it down
  std::optional<Kept> kept;
  std::set<Uid> earlier;   ///< since begin_command(): what VANISHED (EARLIER) named
  std::vector<Told> view;  ///< by sequence number
  /// Since begin_command(): the items that FETCH responses showed of each message.
  std::map<Uid, std::set<std::string>> shown;
  void begin_command();
  /// The command was answered with this code.
  void end_command(const std::vector<Value>& code);

private:
  void take_code(const std::vector<Value>& code);
  void take_vanished(const Reply& reply, const Rules& rules);
  void take_uid_fetch(const Reply& reply, const Rules& rules);
  void take_expunged(std::uint32_t number);
  void take_mod_seq(Told& told, const Value& value, const Rules& rules);
  void take_exists(std::uint32_t count);
  void take_fetch(std::uint32_t number, const Value& items, const Rules& rules);
  void check_item(Told& told, const std::string& name, const Value& value, const Rules& rules);

  std::uint32_t number_of(Uid uid) const;

  Flags applicable_;                    ///< of the last FLAGS response
  std::optional<ModSeq> highest_told_;  ///< by this command: HIGHESTMODSEQ, last
  ModSeq highest_shown_ = 0;            ///< by this command: MODSEQ of a message
};

/// `(\Seen foo)`
Flags flags_in(const Value& list);
std::string written(const Flags& flags);
/// What STORE makes of them; `how` is `+`, `-` or nothing.
Flags with_change(Flags flags, const std::string& how, const Flags& by);

}  // namespace mailpod::model
