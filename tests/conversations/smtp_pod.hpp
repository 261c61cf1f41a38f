#pragma once

#include <cstdint>
#include <memory>

#include "dialogue.hpp"

namespace mailpod::conversations {

/// The SMTP server before a real post office: a pod on a simulated disk with the members alice, bob and carol, whose
/// password is "secret". Beside SmtpExchange's own words:
///
///     given maintainer <name>              reads postmaster's and abuse's mail
///     given suspended <name>
///     given full disk
///     given no sending                     to other servers
///     given DNS has <name> TXT <text>      the pod examines mail from outside, by what is given here
///     given DNS fails for <name>
///     D: <name> has <n> messages           after a restart of the machine
///     D: <name>'s message <n> has <text>   in it, with the escapes of `C>`
///     D: <name>'s junk <n> has <text>      the same, of what lies in Junk
///     D: <name>'s message <n> has no <text>
///     D: queue has <n> entries             after a restart of the machine
///     D: entry <n> goes from <a> to <b>, <c>
///     D: entry <n> asks <words of MAIL> <a>: <words of RCPT> <b>: …
///     D: entry <n> has <text>              in its message
///     D: entry <n> has no <text>
///     D: space returns                     on the full disk
std::unique_ptr<Exchange> make_pod_exchange(std::uint64_t wire_seed);

}  // namespace mailpod::conversations
