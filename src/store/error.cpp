#include <mailpod/store/error.hpp>

#include <string>

namespace mailpod::store {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.store"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::no_such_mailbox:
        return "no such mailbox";
      case Errc::mailbox_exists:
        return "the mailbox exists already";
      case Errc::bad_mailbox_name:
        return "not a mailbox name";
      case Errc::mailbox_not_deletable:
        return "this mailbox cannot be deleted";
      case Errc::too_many_mailboxes:
        return "too many mailboxes";
      case Errc::too_many_keywords:
        return "too many keywords in this mailbox";
      case Errc::bad_keyword:
        return "not a keyword";
      case Errc::gone:
        return "the message was expunged";
      case Errc::too_big:
        return "too big";
      case Errc::over_quota:
        return "over quota";
      case Errc::damaged:
        return "damaged on disk";
      case Errc::wrong_key:
        return "not the key of this vault";
      case Errc::closed:
        return "the vault was closed";
      case Errc::annotation_too_big:
        return "the annotation is too big";
      case Errc::too_many_annotations:
        return "too many annotations";
    }
    return "unknown store error";
  }
};

}  // namespace

const boost::system::error_category& store_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::store
