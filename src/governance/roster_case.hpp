#pragma once

#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// One act being judged.
struct Roster::Case {
  Act act;
  const SignedFile& file;
  base::Time at;
  const SignaturesSeen* seen = nullptr;
  bool by_threshold = false;
  std::vector<crypto::minisign::KeyId> signers = {};

  Complaint refuse(Errc code, std::string what, std::string remedy) const {
    return {code, file.name, 0, std::move(what), std::move(remedy)};
  }
};

}  // namespace mailpod::governance
