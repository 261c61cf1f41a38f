#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation.hpp"
#include "holdings.hpp"
#include "letter.hpp"
#include "simulation/far_server.hpp"
#include "simulation/resolver.hpp"
#include "witness.hpp"

namespace mailpod::world {

/// One message on its way into the pod, and what its sender was told.
struct Mail {
  enum class Fate {
    unsent,    ///< the end of data was never sent: it must come to nobody
    unknown,   ///< sent, and no answer came
    accepted,  ///< 250
    refused,   ///< 4yz or 5yz: as if unsent
  };
  Letter letter;
  std::vector<std::size_t> members;
  std::vector<std::string> remote;
  std::optional<std::size_t> submitter;
  Fate fate = Fate::unsent;
  std::map<std::size_t, Holdings::Request> requests;  ///< by member
};

/// Other people's servers: what they took, and which of it may come twice.
///
/// far.example is well but for `gone…`, whom it does not know; moody.example has moods; nobody answers for
/// dead.example. A mail may come again only if the pod could not know that it was taken: the answer never came, or the
/// pod died right then. Each of the others is its recipient's only one.
class Internet {
public:
  simulation::FarServer far, moody;

  void listen(simulation::Network& network);
  void join(simulation::Resolver& resolver) const;
  /// The pod may have heard no answer of `host` (empty: of anybody) about `token` (empty: about anything) that was
  /// given since then: what was taken of it and not answered earlier may come again.
  void excuse(std::string_view host, std::string_view token, Moment since);
  std::size_t copies_for(const std::string& address) const;
  /// Those that the pod knew it had sent.
  std::size_t answered_copies_for(const std::string& address) const;
  template <class See>
  void for_each_mail(See see) const {
    for (const auto* server : {&far, &moody}) {
      for (const auto& mail : server->mails) see(mail);
    }
  }

private:
  /// By server: which of its mails.
  std::vector<bool> far_excused_, moody_excused_;
};

/// What everybody in a world was told, and so what must be true.
class Ledger {
public:
  Ledger(Witness& witness, simulation::Clock& clock);

  Mail& begin_mail(simulation::Dice& dice, std::string_view from);
  /// All of it was said but for the dot: from now on it may arrive.
  void send(Mail& mail);
  void accept(Mail& mail);
  void refuse(Mail& mail);
  Letter& write(simulation::Dice& dice, std::string_view from);

  std::map<std::string, Letter> letters;  ///< by token
  std::map<std::string, Mail> mails;      ///< by token
  std::array<Holdings, 3> holdings;       ///< by member
  Internet internet;
  unsigned forgotten = 0;  ///< times that the pod may have told somebody something and not have remembered
  bool closed_uncleanly = false;  ///< a vault could not write its last words: flags may have gone with it
  std::map<std::string, std::string> entries;  ///< token by entry of the queue

  /// The moment before which all flags that were acknowledged are durable, but for Holdings::flush_time.
  Moment flushed_until() const;

  /// The pod starts: what the one before could not flush is settled.
  void note_start() { flushes_fail_since_.clear(); }
  /// The pod was killed, or lost its power.
  void note_crash();
  /// The pod was stopped in order: it waited for no answer that did not come.
  void note_stop();
  /// Listens to the log: which attempts ended without an answer, what the disk refused to remember.
  void hear(std::string_view line);

private:
  Witness& witness_;
  simulation::Clock& clock_;
  std::uint64_t written_ = 0;
  std::map<std::string, Moment> flushes_fail_since_;  ///< by member id
};

}  // namespace mailpod::world
