#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/members/enrolment.hpp>

/// One-time codes beside the human password. RFC 6238.
namespace mailpod::members {

/// Wrong one-time codes of late. A code has a million values, and three of them are right at any time: at ten a day,
/// whoever has the password and guesses for a year finds one with a chance of 1 in 100. Any thread.
class CodeGuesses {
public:
  static constexpr std::size_t most = 10;
  static constexpr std::chrono::hours within{24};
  /// Whether one more may be tried.
  bool may_try(MemberId member, std::chrono::microseconds now);
  void failed(MemberId member, std::chrono::microseconds now);
  void succeeded(MemberId member);

private:
  std::mutex mutex_;
  std::map<MemberId, std::deque<std::chrono::microseconds>> failures_;
};

/// A member whose password is proved, what their codes are made from, and the code.
struct CodeClaim {
  const Person& person;
  const crypto::Key& second_factor;
  std::string_view code;
};
/// Takes a code of now, of one step earlier or later, or a back-up code; each once, durably. Errors: code_needed,
/// wrong_code, too_many_codes.
Status check_second_factor(const Household& house, CodeGuesses& guesses, const CodeClaim& claim);

/// What of a seal's 32 octets the codes are made from.
std::string_view code_key(const crypto::Key& second_factor);
/// The step that a six-digit code is of, near `now`; nothing if of none.
std::optional<std::uint64_t> step_of(const crypto::Key& second_factor, std::string_view code, base::Time now);

struct BackupCodes {
  std::vector<std::string> told;  ///< the caller wipes them
  SecondFactor kept;
};
BackupCodes make_backup_codes(base::Entropy& entropy);

}  // namespace mailpod::members
