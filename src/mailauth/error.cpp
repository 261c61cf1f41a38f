#include <mailpod/mailauth/error.hpp>

namespace mailpod::mailauth {

namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailauth"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::header_too_long:
        return "the header is too long to be signed";
      case Errc::no_such_key:
        return "there is no such DKIM key";
      case Errc::damaged:
        return "the key's file is not what was written, or another server key wrote it";
      case Errc::unknown_version:
        return "the key's file was written by a later version of Mailpod";
      case Errc::not_prepared:
        return "the key is in use already, or was";
      case Errc::not_active:
        return "the key is not in use";
      case Errc::not_retired:
        return "the key is in use";
      case Errc::last_of_its_kind:
        return "no other key of this kind is in use: mail would go out without its signature";
      case Errc::still_needed:
        return "signatures that this key has made are still valid";
    }
    return "unknown error of mail authentication";
  }
};

}  // namespace

const boost::system::error_category& mailauth_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::mailauth
