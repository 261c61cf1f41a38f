#include "complaint_for.hpp"

#include <algorithm>
#include <array>

#include <mailpod/mailauth/error.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/queue/error.hpp>
#include <mailpod/store/error.hpp>

namespace mailpod::admin {
namespace {

template <class Code>
struct Remedy {
  Code code;
  std::string_view text;
};

using M = members::Errc;
constexpr std::array members_remedies{
    Remedy{M::damaged, "restore the file from a backup; `mailpod check` says more"},
    Remedy{M::wrong_secret, "try again with another of the member's own secrets"},
    Remedy{M::mistyped_secret, "type it again; a character is wrong"},
    Remedy{M::not_a_member, "`mailpod member list` shows who is"},
    Remedy{M::address_taken, "choose another name"},
    Remedy{M::bad_address, "write a name such as alice, or alice@ and the pod's domain"},
    Remedy{M::domain_not_served, "write an address of the pod's own domain"},
    Remedy{M::already_enrolled, "their own secrets open their mail; add another with `mailpod app-password add`"},
    Remedy{M::not_enrolled, "the member enrols first: `mailpod enrol`"},
    Remedy{M::no_card, "issue the code anew: `mailpod member reissue`"},
    Remedy{M::too_many_slots, "revoke one first: `mailpod app-password list`"},
    Remedy{M::no_such_slot, "`mailpod app-password list` shows them"},
    Remedy{M::last_slot, "add another first; without any the mail could never be read again"},
    Remedy{M::weak_password, "choose a longer one"},
    Remedy{M::nothing_chosen, "give a password, or --app NAME, or both"},
    Remedy{M::busy, "try again in a moment"},
    Remedy{M::bad_name, "choose a name of at most 64 printable characters"},
    Remedy{M::domain_in_use, "remove its addresses first"},
    Remedy{M::not_a_group, "`mailpod group list` shows them"},
    Remedy{M::stays_here, "a maintainer gives a member a further address: `mailpod alias add`"},
    Remedy{M::code_needed, "give the code that the member's authenticator shows, or a back-up code"},
    Remedy{M::wrong_code, "wait for the next code, and see that the clocks are right; each back-up code works once"},
    Remedy{M::too_many_codes,
           "wait until tomorrow, or use the recovery code; if it was not you, somebody has the password"},
    Remedy{M::not_permitted,
           "use the password, or an app password without limits; where one-time codes are asked for, the password"},
    Remedy{M::for_recovery_only, "make a new password by it first: `mailpod password`"},
    Remedy{M::password_needed, "give the password; `mailpod password` makes one"},
    Remedy{M::bad_expiry, "give fewer or more days"},
};

using G = governance::Errc;
constexpr std::array gate_remedies{
    Remedy{G::not_admitted, "a maintainer admits them: `mailpod member admit`"},
    Remedy{G::suspended, "a maintainer reinstates them: `mailpod member reinstate`"},
};

using Q = queue::Errc;
constexpr std::array queue_remedies{
    Remedy{Q::no_such_entry, "`mailpod queue list` shows what waits"},
    Remedy{Q::damaged, "drop it, or restore it from a backup"},
    Remedy{Q::unknown_version, "use the version of Mailpod that wrote it, or a later one"},
    Remedy{Q::not_suppressed, "`mailpod queue suppressed` shows what is"},
    Remedy{Q::too_many_suppressed, "suppress a whole domain, or `mailpod queue unsuppress` others first"},
};

using A = mailauth::Errc;
constexpr std::array dkim_remedies{
    Remedy{A::no_such_key, "`mailpod dkim list` shows them"},
    Remedy{A::not_prepared, "make a new one: `mailpod dkim new`"},
    Remedy{A::not_active, "`mailpod dkim list` shows which are"},
    Remedy{A::not_retired, "`mailpod dkim retire` it first"},
    Remedy{A::last_of_its_kind, "activate another first, or say --now"},
    Remedy{A::still_needed, "wait until they have expired (`mailpod dkim list` says when), or say --now"},
};

using S = store::Errc;
constexpr std::array store_remedies{
    Remedy{S::damaged, "`mailpod vault verify` says what is damaged; restore it from a backup"},
    Remedy{S::wrong_key, "restore the member's folder from a backup; its parts are of different days"},
    Remedy{S::closed,
           "the member was suspended, a secret was revoked, or the daemon stops; begin again when that is over"},
};

template <class Code, std::size_t N>
std::string_view remedy_in(const std::array<Remedy<Code>, N>& table, int value) {
  const auto found =
      std::ranges::find_if(table, [value](const Remedy<Code>& row) { return static_cast<int>(row.code) == value; });
  return found == table.end() ? std::string_view() : found->text;
}

std::string_view remedy(const boost::system::error_code& error) {
  if (error.category() == members::members_category()) return remedy_in(members_remedies, error.value());
  if (error.category() == governance::governance_category()) return remedy_in(gate_remedies, error.value());
  if (error.category() == store::store_category()) return remedy_in(store_remedies, error.value());
  if (error.category() == queue::queue_category()) return remedy_in(queue_remedies, error.value());
  if (error.category() == mailauth::mailauth_category()) return remedy_in(dkim_remedies, error.value());
  return {};
}

}  // namespace

governance::Complaint complaint_for(const boost::system::error_code& error, std::string subject) {
  auto advice = std::string(remedy(error));
  if (advice.empty()) advice = "`mailpod check` may say more";
  return {governance::Errc::bad_value, std::move(subject), 0, error.message(), std::move(advice)};
}

}  // namespace mailpod::admin
