#pragma once

#include <memory>

#include <mailpod/members/enrolment.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::members {

/// Checks logins against directory, gate and key slots.
///
/// Every refusal takes the same path in the same time: an app-shaped password is tried against a slot (a made-up one if
/// there is none), a human one pays for Argon2id (behind the gate, so that a flood of them never takes the pool from
/// the members).
std::unique_ptr<sasl::Credentials> make_pod_credentials(KeyRing& keys, net::Pool& pool, net::Gate& argon2_gate,
                                                        KeyRing::Purpose purpose = KeyRing::Purpose::session);

}  // namespace mailpod::members
