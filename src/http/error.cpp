#include <mailpod/http/error.hpp>

#include <string>

namespace mailpod::http {
namespace {

struct Row {
  Errc code;
  unsigned status;  ///< 0: said to nobody
  const char* text;
};
constexpr Row rows[] = {
    {Errc::malformed, 400, "this is no HTTP/1.1 message"},
    {Errc::target_too_long, 414, "the request line is too long"},
    {Errc::head_too_large, 431, "the fields are too many or too long"},
    {Errc::content_too_large, 413, "the content is too large"},
    {Errc::not_implemented, 501, "this method or transfer coding is not implemented"},
    {Errc::version_unknown, 505, "only HTTP/1.1 is spoken here"},
    {Errc::expectation_unknown, 417, "this expectation cannot be met"},
    {Errc::no_such_address, 0, "the server's name has no address"},
    {Errc::certificate_refused, 0, "the server's certificate is not for its name, or from nobody that is trusted"},
    {Errc::end_unknown, 0, "the answer does not say how long it is"},
    {Errc::content_coding, 0, "the answer is coded in a way that was not asked for"},
    {Errc::too_many_redirects, 0, "the answer leads elsewhere, which is not followed"},
    {Errc::too_many_provisional, 0, "the server gives no final answer"},
};

const Row* row_of(int code) {
  for (const auto& row : rows) {
    if (static_cast<int>(row.code) == code) return &row;
  }
  return nullptr;
}

class Category final : public std::error_category {
public:
  const char* name() const noexcept override { return "http"; }
  std::string message(int code) const override {
    const Row* row = row_of(code);
    return row != nullptr ? row->text : "unknown";
  }
};

}  // namespace

const std::error_category& category() {
  static const Category instance;
  return instance;
}

std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), category()};
}

unsigned status_for(const std::error_code& error) {
  if (error == std::errc::timed_out) return 408;
  const Row* row = error.category() == category() ? row_of(error.value()) : nullptr;
  return row != nullptr && row->status != 0 ? row->status : 400;
}

}  // namespace mailpod::http
