#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/mailauth/examination.hpp>

#include "block_lists.hpp"
#include "exchange.hpp"
#include "onward.hpp"
#include "sender_judgement.hpp"

/// Who is a stranger, and what is made of their mail. docs/strangers.md. Any thread.
namespace mailpod::delivery {

/// One message, as far as it is asked whether its sender is known.
struct Introduction {
  std::string client;                   ///< numeric address
  std::string sender;                   ///< the domain of the reverse path; empty of a null one
  std::string from;                     ///< From's one address; empty: there is none
  std::vector<std::string> recipients;  ///< as the envelope names them, without what follows a separator
  std::vector<Destination> readers;     ///< whose mailboxes it comes to because they are addressed themselves
  std::vector<std::string> proved;      ///< proved_domains()
  std::string by_spf;                   ///< the one of them that SPF shows; perhaps empty
  std::string by_signature;             ///< the first of them that a signature shows; perhaps empty
  bool from_is_proved = false;
};

/// The domains that a message is shown to come from, by DMARC, SPF or a signature; each once.
std::vector<std::string> proved_domains(const mailauth::Findings& findings);

/// The domains that SPF and the first signature show; empty where they show none.
void add_witnesses(const mailauth::Findings& findings, Introduction& introduction);

/// Spared: a domain that is proved, and that charter or acts name as one that mail is exchanged with, or that witnesses
/// or replicates for the pod; an address, its domain proved, to which one of the readers wrote. What only says who it
/// is, is a stranger's. A proved domain from which some good mail came is not put off, and that is all.
bool is_known(const Introduction& introduction, const Exchange& exchange, const Acquaintances& acquaintances);

/// What is made of a stranger's mail. Remembers the attempt where it is to come again. The code of a refusal:
/// stranger_listed, stranger_waits.
Judgement judge_stranger(const Introduction& introduction, const Listing& listing, const StrangerRules& rules,
                         Acquaintances& acquaintances);

/// Counts what became of a message: for the client's network, and, unless a list said it of the client, for the domain
/// that SPF shows. A signature can be carried anywhere by anybody: its domain is counted only where the mail was good.
/// What is set aside because of such counts is not counted.
void note_outcome(const Introduction& introduction, const Judgement& judgement, Acquaintances& acquaintances);

}  // namespace mailpod::delivery
