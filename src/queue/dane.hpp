#pragma once

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/net/resolver.hpp>

#include "demand.hpp"
#include "destination.hpp"

namespace mailpod::queue {

/// What a host's TLSA records demand of it; Demand::By::nobody if it has none that DNSSEC vouches for. RFC 7672 §2.2.
///
/// An error is no such answer but a reason to leave the host alone for now: whoever can keep an answer back, or change
/// it, could otherwise have the mail in clear (RFC 7672 §2.1.2). Throws std::system_error(net::Errc::shutting_down).
/// `resolver` outlives the call.
boost::asio::awaitable<Result<Demand>> demand_by_dane(net::Resolver& resolver, Host host);

}  // namespace mailpod::queue
