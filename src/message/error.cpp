#include <mailpod/message/error.hpp>

#include <string>

namespace mailpod::message {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "message"; }
  std::string message(int code) const override {
    switch (static_cast<Errc>(code)) {
      case Errc::malformed_date:
        return "not a date and time";
      case Errc::malformed_address:
        return "not an address";
      case Errc::malformed_structure:
        return "stored message structure is damaged";
      case Errc::unknown_version:
        return "stored message structure is of an unknown version";
      case Errc::too_large:
        return "larger than the limit";
      case Errc::unsafe_value:
        return "value cannot stand in a header field";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const Category instance;
  return instance;
}

}  // namespace mailpod::message
