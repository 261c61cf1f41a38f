#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/delivery/strangers.hpp>
#include <mailpod/mailauth/dns_table.hpp>

namespace mailpod::delivery {

/// What lists say of a client together.
struct Listing {
  int score = 0;
  std::vector<std::string> by;  ///< the zones that speak against it
};
/// A list that does not answer says nothing. Pure; reads `dns` and leaves there what it misses.
Listing listing_of(const std::vector<BlockList>& lists, std::string_view client, mailauth::DnsTable& dns);

}  // namespace mailpod::delivery
