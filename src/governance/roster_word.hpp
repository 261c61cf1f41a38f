#pragma once

#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// What a newcomer or a member says, as far as it is judged alike.
struct Roster::Word {
  const SignedFile& file;
  base::Time at;
  const std::string& pod;
  std::uint64_t charter;
  base::Time issued;
  std::chrono::days validity;

  Complaint refuse(Errc code, std::string what, std::string remedy) const {
    return {code, file.name, 0, std::move(what), std::move(remedy)};
  }
};

}  // namespace mailpod::governance
