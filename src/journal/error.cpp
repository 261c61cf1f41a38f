#include <mailpod/journal/error.hpp>

#include <string>

namespace mailpod::journal {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.journal"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::no_journal:
        return "there is no journal here";
      case Errc::wrong_key:
        return "the journal does not open under this key";
      case Errc::unknown_version:
        return "the journal was written by a newer version of Mailpod";
      case Errc::damaged:
        return "the journal is damaged here";
      case Errc::too_long:
        return "too long for one record";
    }
    return "unknown journal error";
  }
};

}  // namespace

const boost::system::error_category& journal_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::journal
