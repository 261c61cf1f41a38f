#include <mailpod/reports/error.hpp>

namespace mailpod::reports {

namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "reports"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::no_report:
        return "there is no report in it";
      case Errc::malformed:
        return "the report in it cannot be read";
      case Errc::too_big:
        return "the report in it is larger than reports are";
    }
    return "unknown error of reports";
  }
};

}  // namespace

const boost::system::error_category& reports_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::reports
