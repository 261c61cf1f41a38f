#include <mailpod/members/error.hpp>

namespace mailpod::members {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.members"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::damaged:
        return "a key slot or the directory is damaged, or the server key is another one";
      case Errc::wrong_secret:
        return "the secret opens none of the member's key slots";
      case Errc::mistyped_secret:
        return "the code or app password is mistyped: its check character does not fit";
      case Errc::not_a_member:
        return "no member by that name";
      case Errc::address_taken:
        return "the address is taken";
      case Errc::bad_address:
        return "not an address of the form name@domain";
      case Errc::domain_not_served:
        return "the pod does not serve that domain";
      case Errc::already_enrolled:
        return "enrolled already";
      case Errc::not_enrolled:
        return "not enrolled yet";
      case Errc::no_card:
        return "the admission was interrupted; have the enrolment code issued anew";
      case Errc::too_many_slots:
        return "the member has as many key slots as allowed";
      case Errc::no_such_slot:
        return "no such key slot, or several of that name";
      case Errc::last_slot:
        return "without this key slot the member could never read their mail again";
      case Errc::weak_password:
        return "a password needs at least 10 characters and must not look like an app password";
      case Errc::nothing_chosen:
        return "choose a password, an app password, or both";
      case Errc::busy:
        return "too many password checks are waiting";
      case Errc::bad_name:
        return "a key slot's name has 1 to 64 octets of UTF-8 without control characters";
      case Errc::domain_in_use:
        return "somebody has an address of that domain, or it is the pod's own";
      case Errc::not_a_group:
        return "no group of that address";
      case Errc::stays_here:
        return "an address of this pod is nothing to forward to";
      case Errc::code_needed:
        return "a one-time code is wanted beside the password";
      case Errc::wrong_code:
        return "the one-time code is wrong, too old, or was used before";
      case Errc::too_many_codes:
        return "too many wrong one-time codes today; none is tried for now";
      case Errc::not_permitted:
        return "this secret may not do that";
      case Errc::for_recovery_only:
        return "a recovery code makes a new password or a new code, and does nothing else";
      case Errc::password_needed:
        return "only the member's password can do that";
      case Errc::bad_expiry:
        return "an app password must end in the future, and not after the secret that makes it";
    }
    return "an unknown refusal of members";
  }
};

}  // namespace

const boost::system::error_category& members_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::members
