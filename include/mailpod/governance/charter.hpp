#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// One who may sign for the pod, and until when. docs/charter-format.md, "[[maintainers]]".
struct Maintainer {
  std::string name;
  crypto::minisign::PublicKey key;
  base::Time from;
  base::Time to;                   ///< exclusive
  std::optional<MemberId> member;  ///< who gets postmaster's and abuse's mail; nobody if not named
  bool in_term(base::Time at) const { return from <= at && at < to; }
  friend bool operator==(const Maintainer&, const Maintainer&) = default;
};

/// What the community agreed on, as one signed file says it. Every section but [members] may be left out and then says
/// what the defaults here say. docs/charter-format.md has every field. An immutable value.
struct Charter {
  enum class Join { open, invitation, vouches };
  enum class Expulsion { vote, threshold };
  enum class Ballot { open, sealed, secret };
  enum class Method { approval, schulze, stv };
  enum class Passwords { app_only, any };  ///< over IMAP and SMTP
  enum class Federate { open, allow, deny };
  enum class Unshown { unsaid, accept, junk, refuse };  ///< unsaid: the configuration decides

  /// What a charter may set, and what holds where it sets none: whoever keeps the record pays for each vouch.
  static constexpr std::uint32_t largest_voucher_budget = 1000;
  struct Members {
    Join join = Join::invitation;
    std::uint32_t vouches = 0;  ///< with Join::vouches only: how many
    std::uint32_t voucher_age_days = 0;
    std::uint32_t objection_days = 0;
    std::uint32_t suspension_days = 14;  ///< longest suspension by threshold, 1–14
    Expulsion expulsion = Expulsion::vote;
    std::uint32_t voucher_budget =
        0;  ///< with Join::vouches only: for how many a member may vouch a year; 0: the largest
    friend bool operator==(const Members&, const Members&) = default;
  };
  struct Votes {
    Ballot ballot = Ballot::open;
    Method method = Method::approval;
    std::uint32_t quorum_percent = 50;
    std::uint32_t pass_percent = 50;
    std::uint32_t amend_percent = 67;
    std::uint32_t notice_days = 7;  ///< between a charter's acceptance and its effect, 0–365
    friend bool operator==(const Votes&, const Votes&) = default;
  };
  struct Recovery {
    std::uint32_t share_percent = 67;  ///< of members' citizen keys
    std::uint32_t wait_days = 30;
    friend bool operator==(const Recovery&, const Recovery&) = default;
  };
  struct Privacy {
    std::uint32_t retention_days = 0;  ///< 0: mail is kept until its member deletes it
    std::uint32_t log_days = 7;
    std::uint32_t vault_closes_after_hours = 0;  ///< 0: as long as a session lives
    Passwords passwords = Passwords::app_only;
    friend bool operator==(const Privacy&, const Privacy&) = default;
  };
  struct Federation {
    std::optional<base::ByteArray<32>> pod_key;  ///< Ed25519 public key that signs cards and records
    Federate policy = Federate::open;
    std::vector<std::string> allow, deny, witnesses, replicas;  ///< pods, by domain
    friend bool operator==(const Federation&, const Federation&) = default;
  };
  /// What meets mail that does not show where it comes from. docs/mail-authentication.md.
  struct Authentication {
    Unshown dmarc_reject = Unshown::unsaid;      ///< where the domain in From asks to reject it
    Unshown dmarc_quarantine = Unshown::unsaid;  ///< where it asks to set it aside
    Unshown spf_fail = Unshown::unsaid;          ///< where it asks nothing, and SPF says fail
    friend bool operator==(const Authentication&, const Authentication&) = default;
  };
  struct Limits {
    std::uint32_t quota_mib = 1024;  ///< a member's stored mail
    std::uint32_t messages_a_day = 500;
    std::uint32_t recipients = 100;  ///< of one message
    std::uint32_t message_mib = 50;
    std::uint32_t quota_messages = 0;  ///< how many messages a member may keep; 0: any number
    friend bool operator==(const Limits&, const Limits&) = default;
  };

  struct Addresses {
    /// Who gets the mail of one role address, at every domain of the pod. RFC 2142.
    struct Role {
      std::string local_part;    ///< lower case
      bool maintainers = false;  ///< those in term that name a member
      std::vector<MemberId> members;
      friend bool operator==(const Role&, const Role&) = default;
    };
    std::vector<Role> roles;  ///< by local part; postmaster, abuse and hostmaster are the maintainers' if not here
    std::optional<MemberId> fallback;  ///< who gets mail for addresses that nobody has; nobody: it is refused
    const Role* find(std::string_view local_part) const;  ///< any case; nullptr: no role
    friend bool operator==(const Addresses&, const Addresses&) = default;
  };

  std::string pod;  ///< the pod's domain, lower case
  std::uint64_t seq = 1;
  std::optional<Hash> prev;  ///< identity of charter seq - 1; absent in charter 1 only
  base::Time issued, effective, expires;
  std::uint32_t threshold = 1;
  std::vector<Maintainer> maintainers;
  Members members;
  Votes votes;
  Recovery recovery;
  Privacy privacy;
  Federation federation;
  Authentication authentication;
  Limits limits;
  Addresses addresses;
  std::string text;  ///< the human constitution, Markdown

  bool expired(base::Time at) const { return at >= expires; }
  friend bool operator==(const Charter&, const Charter&) = default;
};

/// The longest a charter may be valid, from `issued` to `expires`.
inline constexpr std::chrono::days longest_validity{400};
/// The largest signed file, in octets.
inline constexpr std::size_t largest_signed_file = 64 * 1024;

/// Reads and checks one charter; `file_name` is for complaints only. Pure; any thread.
Verdict<Charter> parse_charter(std::string_view octets, std::string_view file_name);
/// A charter's text as `init` and `charter new` write it; parse_charter(write_charter(c)) == c.
std::string write_charter(const Charter& charter);

/// The parts of `next` that only the members may change, by vote, and that differ from `last`: "[votes]", "threshold" …
std::vector<std::string_view> parts_that_need_a_vote(const Charter& last, const Charter& next);

/// What the members decided by vote, as far as a chain asks: the charters they accepted, by identity.
using Mandate = std::set<Hash>;

/// The accepted charters of one pod, in order. A value; never empty.
class CharterChain {
public:
  /// Charter 1: it must be the pinned one and signed by its own threshold.
  static Verdict<CharterChain> found(const SignedFile& file, const Hash& pinned);

  /// Accepts the successor of latest() at time `at`, or says which rule it breaks; then nothing has changed.
  Verdict<void> accept(const SignedFile& file, base::Time at, const Mandate& mandate = {},
                       const SignaturesSeen* seen = nullptr);
  /// The members elected these: from `at` on they are the maintainers of the charter in force, and of those that are
  /// accepted and wait for their time, whoever these name. A charter accepted later names its own.
  void elect(const std::vector<Maintainer>& elected, base::Time at);

  /// The charter in force: the newest that has taken effect.
  const Charter& at(base::Time time) const;
  const Charter& latest() const { return charters_.back().charter; }
  const Hash& latest_identity() const { return charters_.back().identity; }
  /// Of charter `seq`, 1 ≤ seq ≤ size().
  const Hash& identity_of(std::uint64_t seq) const { return charters_.at(seq - 1).identity; }
  /// The same, with the maintainers whom the members elected since.
  const Charter& charter(std::uint64_t seq) const { return charters_.at(seq - 1).charter; }
  /// Of the first: when it takes effect.
  base::Time accepted_at(std::uint64_t seq) const { return accepted_at_.at(seq - 1); }
  std::size_t size() const { return charters_.size(); }
  /// The pod's keys, as the charter that was in force at `since` (where it names none, the last before it that does)
  /// and those after it named them: the newest last, each once.
  std::vector<base::ByteArray<32>> pod_keys(base::Time since = {}) const;

private:
  struct Accepted {
    Charter charter;
    Hash identity;
  };
  std::ptrdiff_t charter_in_force(base::Time time) const;  // its index
  explicit CharterChain(Accepted first) : accepted_at_{first.charter.effective} {
    charters_.push_back(std::move(first));
  }
  std::vector<Accepted> charters_;
  std::vector<base::Time> accepted_at_;  // of each
};

}  // namespace mailpod::governance
