#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "routes.hpp"
#include "submitter.hpp"

/// What is demanded of a message and changed in its header, by where it comes from. Pure; any thread.
namespace mailpod::delivery {

/// Where a message comes from and goes to, as far as the rules ask.
struct Circumstances {
  smtp::Role role = smtp::Role::exchange;
  /// Who sends it, under Role::submission.
  std::optional<Submitter> submitter;
  Destinations destinations;
  std::size_t most_hops = 100;
};

/// Errors: from_malformed, sender_not_yours, too_many_hops.
Status judge(const message::HeaderFacts& facts, const Circumstances& circumstances);

/// The field that tells a reader why a message is where it is. Only we may say it.
inline constexpr std::string_view reason_field = "Mailpod-Reason";

/// The changes that do not depend on the recipient. `date` and `message_id` are for a member's message that has none.
message::HeaderEdit edit_for(smtp::Role role, std::string host_name, std::string date, std::string message_id);

}  // namespace mailpod::delivery
