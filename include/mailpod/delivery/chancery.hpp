#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::delivery {

/// Where signed files are sent: this local part at every domain of the pod.
inline constexpr std::string_view governance_address = "governance";

/// What a message to the governance address brings.
struct SignedMail {
  std::vector<governance::SignedFile> files;  ///< each once, with its signatures
  std::vector<std::string> texts;             ///< to which acts may commit
  bool too_much = false;                      ///< more than is read; then nothing is
};

/// Port: where signed files that come by mail are judged, as those from the command line are.
class Chancery {
public:
  virtual ~Chancery() = default;
  /// Before a message is taken from this client (an IP address), or from the member who logged in there; what is asked
  /// is counted. Loop; returns at once.
  virtual bool admits(std::string_view client, const std::optional<MemberId>& member) = 0;

  /// Who certainly sent a message, and asked for no machine's silence: nobody else is answered.
  struct Correspondent {
    std::optional<MemberId> member;  ///< who had logged in
    std::string address;             ///< else an address elsewhere, whose domain vouches for it
    std::string message_id;          ///< of what they sent, with its angle brackets; may be empty
  };
  /// Judges each file by its signatures alone, and answers. Blocking; pool. I/O failure throws std::system_error, and
  /// the message is to come again: files that were judged before it are then judged as repeated.
  virtual void take(const SignedMail& mail, const std::optional<Correspondent>& from) = 0;
};

}  // namespace mailpod::delivery
