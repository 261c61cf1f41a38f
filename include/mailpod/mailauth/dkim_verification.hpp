#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/mailauth/arc.hpp>
#include <mailpod/mailauth/dns_table.hpp>

/// Whose signatures a message bears, and which of them hold. RFC 6376 §6.
namespace mailpod::mailauth {

/// RFC 8601 §2.7.1
enum class DkimResult { none, pass, fail, policy, neutral, temperror, permerror };
std::string_view name_of(DkimResult result);

/// What became of one signature. Its texts are names that DNS may have, and safe in a header.
struct DkimVerdict {
  DkimResult result = DkimResult::none;
  std::string domain;           ///< `d=`; empty where it cannot be read
  std::string selector;         ///< `s=`
  std::string algorithm;        ///< `a=`
  std::string signature_begin;  ///< the first characters of `b=`, base64
  std::string reason;           ///< why it is no pass, in words of ours
};

/// One message, verified as it comes: its body is hashed in passing, and nothing of it is read twice. Keeps the header.
/// Not shared between threads.
class DkimVerification {
public:
  struct Settings {
    std::size_t signatures = 8;                ///< looked at, from the top; RFC 6376 §6.1 leaves the number open
    std::size_t header_octets = 1024 * 1024;   ///< of a longer header nothing is verified
    unsigned least_rsa_bits = 1024;            ///< a shorter key is no pass; RFC 8301 §3.2
    unsigned most_rsa_bits = 4096;             ///< a longer one neither: it costs time, and nobody need verify it
    std::chrono::seconds clock_skew{10 * 60};  ///< of a signer's clock before ours
  };

  explicit DkimVerification(const Settings& settings);
  ~DkimVerification();
  DkimVerification(DkimVerification&&) noexcept;
  DkimVerification& operator=(DkimVerification&&) noexcept;

  /// The next octets of the message, however they are cut.
  void update(std::string_view octets);
  /// Says that there are no more.
  void finish();

  /// One verdict a signature, from the top; after finish(). Reads keys from `dns` and leaves there what it misses; what
  /// was verified once is not verified again.
  std::vector<DkimVerdict> verdicts(DnsTable& dns, base::Time now);
  /// The same of the chain that servers on the way have sealed: verified once, when all its keys have been asked for.
  /// RFC 8617 §5.2.
  ArcVerdict arc_verdict(DnsTable& dns);

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::mailauth
