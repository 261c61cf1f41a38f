#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/governance/federation.hpp>
#include <mailpod/mailauth/examination.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/smtp/mailroom.hpp>

/// With which other domains mail is exchanged, as the post office applies what charter and acts say. Pure; any thread.
/// docs/federation.md.
namespace mailpod::delivery {

/// One moment's view.
struct Exchange {
  std::shared_ptr<const governance::Roster> roster;
  std::shared_ptr<const members::DirectoryState> directory;
  base::Time now;

  bool is_open() const { return governance::is_federation_open(*roster, now); }
};

/// Why not, and what the other side is told. The code: not_federated, federation_undecided.
struct Crossing {
  smtp::Errc code = smtp::Errc::not_federated;
  std::string words;
};

/// A name, as it came, in the form in which names are compared: lower case, A-labels, no dot at its end. Whatever is no
/// name comes back in lower case.
std::string compared_domain(std::string_view name);

/// Whether it is one of the local parts that everybody reaches, whatever the pod exchanges otherwise: postmaster (RFC
/// 5321 §4.5.1) and abuse (RFC 2142 §4), in any case.
bool is_always_reached(std::string_view local_part);

/// Mail to this address, from here: it need not be asked who they are, for mail goes where we take it.
std::optional<Crossing> refusal_out(const Exchange& exchange, std::string_view local_part, std::string_view domain);

/// What a peer says of itself, before a message is seen. Nobody gains by naming a domain with which nothing is
/// exchanged: so that is believed.
std::optional<Crossing> refusal_of_claims(const Exchange& exchange, const smtp::Peer& peer,
                                          const smtp::Mailbox& reverse_path);

/// Whether a message is shown to come from the domain in From: by DMARC, or by SPF or a signature of the same domain or
/// one above.
bool shows_author(const mailauth::Findings& findings, std::string_view from);

/// Nothing shows it, and that is certain: DNS has answered.
bool shows_nothing_of_author(const mailauth::Findings& findings, std::string_view from);

/// Of a message, what was found out about where it comes from.
struct Provenance {
  std::vector<std::string> from;  ///< the domains of From's addresses; not of one that is not well-formed
  const mailauth::Findings* findings = nullptr;  ///< nullptr: it was not examined
  bool is_vouched_for = false;                   ///< by whoever handed it in: From is believed
};
/// Nothing with which no mail is exchanged may stand behind a message, named or proved; and where mail is exchanged
/// with few, the domain in From must be one of them and proved: by DMARC, or by SPF or a signature of the same domain
/// or one above that the same entry covers.
std::optional<Crossing> refusal_of_message(const Exchange& exchange, const Provenance& provenance);

}  // namespace mailpod::delivery
