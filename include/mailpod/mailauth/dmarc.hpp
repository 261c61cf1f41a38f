#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/dkim_verification.hpp>
#include <mailpod/mailauth/dns_table.hpp>
#include <mailpod/mailauth/spf.hpp>
#include <mailpod/text/cursor.hpp>

/// Whether a message comes from the domain that its From names, and what that domain wants done if not. RFC 9989, which
/// replaces RFC 7489 and decides by a walk up the tree of names where that one needed a list of public suffixes.
namespace mailpod::mailauth {

/// What a domain asks for.
enum class DmarcPolicy { none, quarantine, reject };
std::string_view name_of(DmarcPolicy policy);

/// A domain's record. RFC 9989 §4.7. Tags that RFC 7489 had and RFC 9989 has not are passed over, but for `pct=0`,
/// which was how one said `t=y`.
struct DmarcRecord {
  enum class Alignment { relaxed, strict };
  enum class PublicSuffix { unsaid, no, yes };

  DmarcPolicy policy = DmarcPolicy::none;
  std::optional<DmarcPolicy> subdomains;   ///< `sp=`
  std::optional<DmarcPolicy> nonexistent;  ///< `np=`
  Alignment dkim = Alignment::relaxed;
  Alignment spf = Alignment::relaxed;
  PublicSuffix public_suffix = PublicSuffix::unsaid;  ///< `psd=`
  bool testing = false;                               ///< `t=y`: one step milder than it says
};

/// Whether a TXT record says that it is one.
bool is_dmarc_record(std::string_view text);
text::Parsed<DmarcRecord> parse_dmarc_record(std::string_view text);

/// RFC 8601 §2.7, with the names that RFC 9989 registers.
enum class DmarcResult { none, pass, fail, temperror, permerror };
std::string_view name_of(DmarcResult result);

/// What is known of a message when DMARC is asked.
struct DmarcQuery {
  std::string from;  ///< the domain of From's one address, as written
  const SpfVerdict& spf;
  const std::vector<DkimVerdict>& dkim;
};

struct DmarcVerdict {
  DmarcResult result = DmarcResult::none;  ///< permerror: From's domain is no name that DNS can have
  std::string from;                        ///< lower case, A-labels; empty of permerror
  /// What is wished for a message that fails; `none` without a record. Also while the result is temperror.
  DmarcPolicy policy = DmarcPolicy::none;
};

/// RFC 9989 §5.3. Pure; reads `dns` and leaves there what it misses.
DmarcVerdict check_dmarc(const DmarcQuery& query, DnsTable& dns);

}  // namespace mailpod::mailauth
