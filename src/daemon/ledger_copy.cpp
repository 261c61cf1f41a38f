#include "ledger_copy.hpp"

#include "configuration.hpp"
#include "pod_folder.hpp"

namespace mailpod::daemon {

using governance::Complaint;
using governance::Errc;
using governance::LedgerQuestions;

std::string LedgerCopy::governance() const {
  return folder.empty() ? PodFolder{pod}.governance() : folder;
}

governance::Verdict<LedgerQuestions> questions_of(base::Disk& disk, const LedgerCopy& copy) {
  LedgerQuestions questions;
  if (!copy.key.empty()) {
    auto key = governance::parse_verifier_key(copy.key, copy.key);
    if (!key.has_value()) return key.error();
    questions.key = std::move(*key);
  }
  if (!copy.charter.empty()) {
    const auto octets = base::unhex(copy.charter);
    questions.charter = octets ? base::byte_array<32>(*octets) : std::nullopt;
    if (!questions.charter)
      return Complaint{Errc::bad_value, copy.charter, 0, "is no SHA-256", "write it in hexadecimal, 64 digits"};
  } else if (copy.folder.empty()) {
    const auto configuration = read_configuration(disk, copy.pod);
    if (!configuration.has_value()) return configuration.error();
    questions.charter = configuration->charter;
  }
  return questions;
}

}  // namespace mailpod::daemon
