#include "brake_notice.hpp"

#include <fmt/format.h>

#include "pod_mail.hpp"

namespace mailpod::delivery {
namespace {

constexpr std::string_view words = R"({0} {1}: more than {2} at
once, or {3} an hour in the long run. Most likely somebody else has one of
{0}'s passwords.

Nothing of it is lost. What {0} has sent to other servers, and has not left
yet, is held in the queue, and so is what they send from now on. Mail among
members goes on.

`mailpod queue list` and `mailpod queue show` say what it is. If {0} means it:

    mailpod queue release --member {0}

If not, revoke the app password that was stolen, then throw away what it sent:

    mailpod app-password list {0}
    mailpod app-password revoke {0} NAME
    mailpod queue drop --member {0}

Either lets {0} send again.
)";

std::string_view what_happened(Brake::Reason reason) {
  switch (reason) {
    case Brake::Reason::recipients:
      return "has written to more addresses at other servers than members do";
    case Brake::Reason::refused:
      return "has written to many addresses that other servers refuse";
  }
  return "";
}

}  // namespace

std::string write_brake_notice(const BrakeNotice& notice, base::Entropy& entropy) {
  const auto text = fmt::format(fmt::runtime(words), notice.member, what_happened(notice.reason), notice.rate.burst,
                                notice.rate.an_hour);
  return write_pod_mail({notice.domain, "postmaster@" + notice.domain, "Mail that " + notice.member + " sends is held",
                         notice.time, text},
                        entropy);
}

}  // namespace mailpod::delivery
