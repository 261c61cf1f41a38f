#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "letter.hpp"
#include "simulation/time.hpp"

namespace mailpod::world {

using Moment = simulation::Time::Moment;

/// What a survey of one member's mail has found.
struct Survey {
  struct Message {
    std::uint32_t uid = 0;
    std::uint32_t flags = 0;            ///< store::Flags bits
    std::optional<std::string> octets;  ///< nothing: not asked for, because the UID was known
  };
  struct Box {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 0;
    std::vector<Message> messages;  ///< in the order of their sequence numbers
  };
  std::map<std::string, Box> boxes;
};

/// What one member's mailboxes must hold, by all that the member and those who wrote to them were told: the model that
/// surveys are held against. Whoever acts says before what they ask for, and afterwards what the answer was; without
/// one, both outcomes are possible.
///
/// The rules: what was acknowledged is there once, with exactly its octets; what was not may be; nothing else is. A UID
/// names one message for ever, new ones ascend. Flags that were acknowledged `flush_time` ago survive everything.
class Holdings {
public:
  static constexpr std::chrono::microseconds flush_time = std::chrono::milliseconds(1'500);
  struct Place {
    std::string box;
    std::uint32_t uid = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  /// Names what was asked for, until it is answered.
  using Request = std::uint64_t;

  // Mail comes; also the member's own APPEND.
  Request expect(const std::string& token, const std::string& box, std::uint32_t flags);
  /// It was acknowledged; with its UID, if that was told.
  void acknowledge(Request request, std::optional<std::uint32_t> uid = std::nullopt, std::uint32_t uid_validity = 0);
  /// It was refused, or never asked for to the end.
  void refuse(Request request);

  // What the member asks for of one message. `refused` undoes it.
  Request copy(const Place& from, const std::string& to);
  Request move(const Place& from, const std::string& to);
  void store(const Place& at, std::uint32_t flags, Moment now);
  void stored(const Place& at, Moment now);
  void expunge(const Place& at);
  void expunged(const Place& at);

  /// What is surely there, and nothing under way with it.
  std::vector<Place> movable() const;
  std::optional<std::uint32_t> flags(const Place& at) const;
  bool knows(const Place& at) const;
  const std::string& token(const Place& at) const { return boxes_.at(at.box).ever.at(at.uid); }

  /// How sure a survey can be.
  enum class When {
    running,      ///< mail may be arriving
    quiet,        ///< nothing is under way: all that was acknowledged is there
    after_stop,   ///< the pod ended in order, and nothing is under way
    after_crash,  ///< the pod was killed, or its machine lost power
  };
  /// Empty if all is in order; else what is not. While the pod runs, what was in doubt is learnt from what its owner is
  /// shown; a look at the disk teaches nothing, as it may be lost again, but that flags went with a crash.
  std::string examine(const Survey& survey, When when, Moment now, const std::map<std::string, Letter>& letters);
  /// How many reports said so of a recipient, by `<action> <address>`.
  const std::map<std::string, unsigned>& reports() const { return reports_; }
  /// The letter lay here at some time.
  bool has_seen(const std::string& token) const;

private:
  struct FlagVersion {
    std::uint32_t flags = 0;
    Moment since{0};
    bool acknowledged = false;
  };
  struct Copy {
    std::vector<FlagVersion> flags;  ///< the last is the newest
    bool in_doubt = false;           ///< may have been expunged or moved
  };
  struct Box {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 1;                   ///< told; what lies below and was never seen cannot come any more
    std::map<std::uint32_t, std::string> ever;    ///< the token of each UID that was ever seen; "report"
    std::map<std::uint32_t, Copy> copies;
  };
  struct Expected {
    std::string token;
    std::string box;
    std::uint32_t flags = 0;
    bool sure = false;
    std::optional<Place> moved_from;
  };
  class Examination;

  void place(const Place& at, const std::string& token, std::uint32_t flags);

  std::map<std::string, Box> boxes_;
  std::map<Request, Expected> expected_;
  Request last_request_ = 0;
  std::map<std::string, unsigned> reports_;
};

}  // namespace mailpod::world
