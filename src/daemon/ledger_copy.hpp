#pragma once

#include <string>

#include <mailpod/governance/ledger_examination.hpp>

namespace mailpod::daemon {

/// Whose record is looked into: a copy's, which lies anywhere, or a pod's own.
struct LedgerCopy {
  std::string pod;     ///< its folder
  std::string folder;  ///< a copy of governance/; empty: the pod's own
  /// Identity of charter 1; empty: of a pod's own record what its configuration pins, of a copy nothing.
  std::string charter;
  std::string key;  ///< the pod's verifier key; empty: those that its charters name
  std::string governance() const;
};

/// By whose key and from which first charter on the record must lead. A complaint names what was given.
governance::Verdict<governance::LedgerQuestions> questions_of(base::Disk& disk, const LedgerCopy& copy);

}  // namespace mailpod::daemon
