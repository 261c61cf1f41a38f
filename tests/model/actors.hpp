#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conversations/imap_exchange.hpp"
#include "simulation/dice.hpp"
#include "witness.hpp"

namespace mailpod::model {

/// Of messages here, beside the system flags.
inline constexpr const char* keywords[] = {"$Forwarded", "work", "later"};

/// Some sessions of one member and what is true of their vault: one run of random commands, all of them checked.
///
/// Sessions are at different places: each sees a mailbox as it was when it was last told. A command runs to its answer
/// before the next one is sent, so what is true at each moment is known; interleavings within a command are not this
/// test's.
class Actors {
public:
  /// A server that is broken on purpose: what it says to a command, spoilt.
  using Spoil = std::function<std::string(const std::string& command, std::string octets)>;

  explicit Actors(std::size_t sessions, Spoil spoil = {});

  /// One random command by one random session; Failure if any reply is not what it must be.
  void step(simulation::Dice dice);
  /// Everything that an untouched session can see is as the model has it.
  void audit();

  const std::string& transcript() const { return transcript_; }

private:
  /// The set that a command names: its text, and the messages of the session's view that it means.
  struct Set {
    std::string text;
    std::set<std::uint32_t> named;  ///< numbers, or UIDs, whether or not there are such
    std::vector<Uid> uids;
    bool by_uid = false;
    bool names_ghosts = false;  ///< by number, and some are gone
    std::string prefix() const { return by_uid ? "UID " : ""; }
  };
  struct Answer {
    std::string word;  ///< OK, NO
    std::vector<Value> code;
    std::vector<Reply> untagged;
  };

  using Command = void (Actors::*)(Witness&, simulation::Dice&);
  struct Row {
    unsigned weight;
    bool selected;  ///< a mailbox must be
    Command perform;
  };
  static const std::vector<Row>& rows();

  void append(Witness& who, simulation::Dice& dice);
  void close(Witness& who, simulation::Dice& dice);
  void copy(Witness& who, simulation::Dice& dice);
  void create(Witness& who, simulation::Dice& dice);
  void delete_(Witness& who, simulation::Dice& dice);
  void expunge(Witness& who, simulation::Dice& dice);
  void fetch(Witness& who, simulation::Dice& dice);
  void idle(Witness& who, simulation::Dice& dice);
  void list(Witness& who, simulation::Dice& dice);
  void move(Witness& who, simulation::Dice& dice);
  void noop(Witness& who, simulation::Dice& dice);
  void rename(Witness& who, simulation::Dice& dice);
  void search(Witness& who, simulation::Dice& dice);
  void select(Witness& who, simulation::Dice& dice);
  void status(Witness& who, simulation::Dice& dice);
  void store(Witness& who, simulation::Dice& dice);
  void uid_expunge(Witness& who, simulation::Dice& dice);
  void unselect(Witness& who, simulation::Dice& dice);
  void enable(Witness& who, simulation::Dice& dice);
  void esearch(Witness& who, simulation::Dice& dice);
  void fetch_changed(Witness& who, simulation::Dice& dice);
  void store_unchanged(Witness& who, simulation::Dice& dice);

  void send(Witness& who, const std::string& octets);
  std::vector<Reply> hear(Witness& who);
  /// Sends a command and splits what comes; nothing of it is checked yet but that there is one tagged answer, the last.
  Answer ask(Witness& who, const std::string& command);
  void take(Witness& who, const Answer& answer, const Witness::Rules& rules = {});
  void expect(const Answer& answer, std::string_view word) const;
  /// What sessions that idle are told at once, and the others not at all.
  void let_others_hear();

  Set choose_set(Witness& who, simulation::Dice& dice) const;
  std::string choose_name(simulation::Dice& dice) const;
  Flags choose_flags(simulation::Dice& dice) const;
  std::string choose_key(const Witness& who, simulation::Dice& dice, std::vector<bool>& matches) const;
  void check_resynchronized(const Witness& who) const;
  void copied(const std::string& name, Mailbox& from, const std::vector<Uid>& uids, const std::vector<Value>& code);
  void learn(Mailbox& mailbox, const std::string& name, std::vector<Message> messages);

  conversations::ImapExchange exchange_{0};
  Spoil spoil_;
  std::string sent_;  ///< last
  Truth truth_;
  std::vector<Witness> sessions_;
  Witness auditor_;
  std::string transcript_;
  unsigned tags_ = 0;
  unsigned messages_ = 0;
};

}  // namespace mailpod::model
