#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/vouch.hpp>

#include "maintainer_keys.hpp"
#include "office.hpp"

namespace mailpod::daemon {

/// A member's own key, by which they join, vouch and vote: a minisign secret key on their own device,
/// without a password, and readable by its owner alone.
governance::Verdict<crypto::minisign::SecretKey> read_citizen_key(const OpenPod::Machine& machine,
                                                                  const std::string& path);
/// The same; made, with its public half in PATH.pub, if there is none. Durable before it returns.
governance::Verdict<crypto::minisign::SecretKey> citizen_key(const OpenPod::Machine& machine, const std::string& path);

/// A vouch of now in the frame that the operation `vouch.frame` answered; the caller fills in what is said.
governance::Vouch vouch_in(const OpenPod::Machine& machine, const nlohmann::json& frame);
/// Signs it, and hands it in: the operation's answer, or its complaint.
governance::Verdict<nlohmann::json> hand_in(Office& office, const crypto::minisign::SecretKey& key,
                                            const governance::Vouch& vouch);

}  // namespace mailpod::daemon
