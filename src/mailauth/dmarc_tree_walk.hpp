#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/mailauth/dmarc.hpp>

namespace mailpod::mailauth {

/// What stands on the way from a domain to the root. RFC 9989 §4.10.
struct DmarcTreeWalk {
  struct Found {
    std::string domain;
    DmarcRecord record;
  };

  std::string start;
  std::vector<Found> found;  ///< from the longest name to the shortest
  bool failed = false;       ///< DNS did not answer somewhere
  bool start_failed = false;

  /// The domain under which names belong together. RFC 9989 §4.10.2. The start where nothing says otherwise.
  std::string organization() const;
  /// The record that decides about a message from the start: its own, its organization's, or its public suffix's.
  const Found* deciding() const;
};

/// At most eight questions, however many labels `domain` has.
DmarcTreeWalk walk_dmarc_tree(const std::string& domain, DnsTable& dns);

}  // namespace mailpod::mailauth
