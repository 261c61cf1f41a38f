#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/governance/roster.hpp>

/// With which domains the pod exchanges mail. Charters say it in [federation], and acts between two charters.
/// docs/federation.md. Pure; any thread.
namespace mailpod::governance {

/// The line that decides about one domain.
///
/// An entry is about its domain and all below it. Of all entries that cover a domain, of `allow`, of `deny` and of
/// acts, the longest decides: whatever the policy, so that what is written in `deny` is denied. Of entries of the same
/// name an act comes before the charter's, and `deny` before `allow`. Where none covers it, the policy decides.
///
/// An act counts until another one about the same domain, or until a charter takes effect that was accepted after it
/// and names that domain in `allow` or `deny` otherwise than the charter before: then it has ended for good. No domain
/// comes back because a charter was renewed, or had been accepted before the act.
struct FederationRule {
  enum class Line { policy, allow, deny, federate, defederate };

  Line line = Line::policy;
  bool exchanges = true;
  /// Exchanges only because an entry says so, and without it would not: so whoever says to be this domain must show it.
  bool needs_proof = false;
  std::string entry;                                   ///< the name that covers the domain; empty: the policy
  std::uint64_t charter = 1;                           ///< whose line it is; of an act: under which it was made
  Charter::Federate policy = Charter::Federate::open;  ///< of the charter in force
  std::optional<Federated> act;
  bool by_act() const { return line == Line::federate || line == Line::defederate; }
};

/// Whether an entry of this name is about `domain`: the same, or one below.
bool covers(std::string_view entry, std::string_view domain);

/// What counts for `domain`, in lower case and A-labels, at `at`. The pod's own domains are no different here.
FederationRule federation_rule(const Roster& roster, std::string_view domain, base::Time at);
/// The pod exchanges mail with everybody, and no entry says otherwise of anybody.
bool is_federation_open(const Roster& roster, base::Time at);

/// All entries that count at `at`, by domain; `entry` is their own. Those that another of the same name outweighs are
/// left out.
std::vector<FederationRule> federation_entries(const Roster& roster, base::Time at);

/// Where the rule stands, for a person to look it up: `charter 7, [federation] deny`, `charter 7, defederate of
/// 2026-02-01`.
std::string place_of(const FederationRule& rule);
/// `open`, `allow`, `deny`; `policy`, `allow`, `deny`, `federate`, `defederate`.
std::string_view name_of(Charter::Federate policy);
std::string_view name_of(FederationRule::Line line);

}  // namespace mailpod::governance
