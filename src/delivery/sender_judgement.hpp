#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/delivery/authentication.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/mailauth/examination.hpp>
#include <mailpod/smtp/mailroom.hpp>

/// What is made of a message from outside by what it proves about where it comes from. Pure; any thread.
namespace mailpod::delivery {

/// What is to be examined; nothing if this peer's mail is not.
std::optional<mailauth::SpfQuery> examined_sender(const Authentication& rules, const smtp::Peer& peer,
                                                  const smtp::Mailbox& reverse_path);

/// The configuration's rules, and in the place of each of which the charter says something, the charter's.
Authentication ruled_by(const Authentication& configured, const governance::Charter& charter);

struct Judgement {
  Treatment treatment = Treatment::accept;
  smtp::Errc refusal{};  ///< of refuse and defer
  std::string reason;    ///< in words, for whoever reads the message or, refused, sent it; empty: nothing to say
  /// What it is by: what the message shows, what lists say of the client's address, that nobody knows them, or what
  /// was counted before.
  enum class Ground { proof, list, novelty, repute } ground = Ground::proof;
};
/// For the log: `accepted`, `junk`.
std::string_view name_of(Treatment treatment);
Judgement judge_sender(const Authentication& rules, const mailauth::Findings& findings);

}  // namespace mailpod::delivery
