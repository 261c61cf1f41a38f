#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/dkim_verification.hpp>
#include <mailpod/mailauth/dmarc.hpp>
#include <mailpod/mailauth/dns_table.hpp>
#include <mailpod/mailauth/spf.hpp>

/// All that is asked about where a message comes from, and how it is written down.
namespace mailpod::mailauth {

/// Whether the client's address has a name that leads back to it. RFC 8601 §3.
struct IprevVerdict {
  enum class Result { pass, fail, temperror, permerror };

  Result result = Result::permerror;
  std::string client;  ///< the address
  std::string name;    ///< of a pass
};
std::string_view name_of(IprevVerdict::Result result);
IprevVerdict check_iprev(const std::string& client, DnsTable& dns);

struct Findings {
  SpfVerdict spf;
  enum class SpfScope { mail_from, helo } spf_scope = SpfScope::mail_from;  ///< of which identity
  std::vector<DkimVerdict> dkim;
  ArcVerdict arc;
  DmarcVerdict dmarc;
  IprevVerdict iprev;
};

/// One message on its way in. Not shared between threads.
class Examination {
public:
  Examination(SpfQuery sender, const DkimVerification::Settings& dkim) : sender_(std::move(sender)), dkim_(dkim) {}

  /// The next octets of the message.
  void update(std::string_view octets) { dkim_.update(octets); }
  void finish() { dkim_.finish(); }

  /// After finish(). `from` is the domain of From's one address. Reads `dns` and leaves there what it misses.
  /// `time_is_up`, if given, is asked while strangers' policies are evaluated: what is not decided then stays so.
  Findings findings(const std::string& from, DnsTable& dns, base::Time now,
                    const std::function<bool()>& time_is_up = {});

private:
  SpfQuery sender_;
  DkimVerification dkim_;
};

/// An Authentication-Results field, CRLF at its end. RFC 8601. Whatever others said of themselves is quoted, and octets
/// that could end quotes or field are replaced.
std::string write_authentication_results(std::string_view authserv_id, const Findings& findings);

}  // namespace mailpod::mailauth
