#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/mailauth/examination.hpp>

#include "block_lists.hpp"
#include "exchange.hpp"
#include "sender_judgement.hpp"

/// Who is a stranger, and what is made of their mail. docs/strangers.md. Any thread.
namespace mailpod::delivery {

/// One message, as far as it is asked whether its sender is known.
struct Introduction {
  std::string client;                   ///< numeric address
  std::string sender;                   ///< the domain of the reverse path; of a null one what HELO said
  std::string from;                     ///< From's one address; empty: there is none
  std::vector<std::string> recipients;  ///< as the envelope names them
  std::vector<MemberId> readers;        ///< whose mailboxes it comes to
  std::vector<std::string> proved;      ///< proved_domains()
  bool from_is_proved = false;
};

/// The domains that a message is shown to come from, by DMARC, SPF or a signature; each once.
std::vector<std::string> proved_domains(const mailauth::Findings& findings);

/// Spared: a domain that is proved, and that charter or acts name as one that mail is exchanged with, that witnesses or
/// replicates for the pod, or from which some good mail came; an address, its domain proved, to which one of the
/// readers wrote. What only says who it is, is a stranger's.
bool is_known(const Introduction& introduction, const Exchange& exchange, const Acquaintances& acquaintances);

/// What is made of a stranger's mail. Remembers the attempt where it is to come again. The code of a refusal:
/// stranger_listed, stranger_waits.
Judgement judge_stranger(const Introduction& introduction, const Listing& listing, const StrangerRules& rules,
                         Acquaintances& acquaintances);

/// Counts what became of a message, for whom it is shown to come from and for the client's network.
void note_outcome(const Introduction& introduction, Memory::Count outcome, Acquaintances& acquaintances);

}  // namespace mailpod::delivery
