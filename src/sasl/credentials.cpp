#include <mailpod/sasl/credentials.hpp>

namespace mailpod::sasl {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.sasl.credentials"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::refused:
        return "name or password is wrong";
      case Errc::busy:
        return "too many password checks are waiting";
    }
    return "an unknown refusal of a login";
  }
};

}  // namespace

const boost::system::error_category& credentials_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::sasl
