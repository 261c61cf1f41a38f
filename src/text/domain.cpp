#include <memory>
#include <stdexcept>

#include <unicode/uidna.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::text {

namespace {

constexpr std::int32_t longest_name = 255;  // octets, RFC 1035 §2.3.4

/// Any thread may use it.
const UIDNA& rules() {
  struct Close {
    void operator()(UIDNA* opened) const { uidna_close(opened); }
  };
  static const auto opened = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<UIDNA, Close> made(uidna_openUTS46(
        UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &error));
    if (U_FAILURE(error)) throw std::runtime_error(std::string("ICU's IDNA data are missing: ") + u_errorName(error));
    return made;
  }();
  return *opened;
}

}  // namespace

std::optional<std::string> to_ascii_domain(std::string_view name) {
  if (is_ascii(name)) return lower(name);
  if (!is_utf8(name) || name.size() > 4 * longest_name) return std::nullopt;
  std::string out(longest_name, '\0');
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t length = uidna_nameToASCII_UTF8(&rules(), name.data(), static_cast<std::int32_t>(name.size()),
                                                     out.data(), longest_name, &info, &error);
  if ((U_FAILURE(error) != 0) || info.errors != 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return lower(out);
}

}  // namespace mailpod::text
