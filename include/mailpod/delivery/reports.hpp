#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/guard/buckets.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/store/letterbox.hpp>

namespace mailpod::delivery {

/// What a member tells the maintainers: of mail that came, or of somebody's conduct.
struct Report {
  MemberId reporter;
  std::string words;                               ///< UTF-8, lines end with LF
  std::optional<MemberId> about;                   ///< of whom; a maintainer it is about does not get it
  std::vector<const base::OctetSource*> messages;  ///< those that its reporter chose, octet for octet; borrowed
};

/// Takes reports to the maintainers in term who have a mailbox here: one ordinary mail from the reporter, sealed to
/// each, the chosen messages attached as message/rfc822; the reporter finds in their own vault that it went, and to how
/// many. All get it or nobody. docs/care.md.
///
/// Ten an hour of one member, five at once; counts are in memory. Any thread.
class Reports {
public:
  static constexpr std::size_t most_messages = 20;
  static constexpr std::uint64_t most_octets = 20 * 1024 * 1024;  ///< of all messages
  static constexpr std::size_t longest_words = 16 * 1024;

  explicit Reports(const members::Household& house);

  struct Told {
    MemberId member;
    store::Arrival arrival;  ///< for Vaults::announce
  };
  struct Reported {
    std::size_t maintainers = 0;
    std::vector<Told> told;
  };
  /// Blocking. Errors: smtp::Errc::too_fast, mailbox_unavailable (no maintainer could read it), too_big,
  /// no_such_mailbox (of the reporter). I/O failure throws std::system_error.
  Result<Reported> take(const Report& report);

private:
  std::vector<MemberId> readers(const Report& report) const;
  struct Copy;
  Result<Copy> copy_for(MemberId member, const std::string& mail) const;
  members::Household house_;
  guard::Buckets buckets_;
};

}  // namespace mailpod::delivery
