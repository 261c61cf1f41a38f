#include <mailpod/crypto/error.hpp>

#include <string>

namespace mailpod::crypto {

namespace {

const char* text_for(Errc errc) {
  switch (errc) {
    case Errc::not_authentic:
      return "the seal does not open: wrong key or changed octets";
    case Errc::malformed_key:
      return "not a well-formed key";
    case Errc::byte_order_mark:
      return "the file begins with a byte order mark";
    case Errc::carriage_return:
      return "the file has carriage returns; lines must end in LF alone";
    case Errc::missing_line:
      return "the file has too few lines";
    case Errc::extra_line:
      return "the file goes on after its last line";
    case Errc::bad_comment:
      return "a comment line is malformed";
    case Errc::bad_base64:
      return "not canonical base64";
    case Errc::bad_length:
      return "base64 of the wrong length";
    case Errc::unknown_algorithm:
      return "unknown algorithm";
    case Errc::legacy_algorithm:
      return "legacy signature of the unhashed kind; sign again with a current minisign";
    case Errc::wrong_key:
      return "made by another key";
    case Errc::bad_signature:
      return "the signature does not fit the content";
    case Errc::bad_comment_signature:
      return "the signature does not fit the trusted comment";
    case Errc::bad_checksum:
      return "wrong passphrase, or a damaged secret key";
    case Errc::passphrase_needed:
      return "the secret key is encrypted; a passphrase is needed";
    case Errc::excessive_work:
      return "the secret key asks for more memory or time than is granted";
    case Errc::unsupported_version:
      return "not a file of age version 1";
    case Errc::malformed_header:
      return "malformed age header";
    case Errc::header_too_long:
      return "the age header is too long";
    case Errc::too_many_stanzas:
      return "the age header has too many recipients";
    case Errc::no_match:
      return "not encrypted to this identity";
    case Errc::bad_header_mac:
      return "the age header was changed";
    case Errc::bad_payload:
      return "the age payload was changed or cut";
    case Errc::bad_bech32:
      return "not an age recipient or identity";
    case Errc::spool_full:
      return "larger than the limit";
  }
  return "unknown crypto error";
}

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.crypto"; }
  std::string message(int value) const override { return text_for(static_cast<Errc>(value)); }
};

}  // namespace

const boost::system::error_category& error_category() {
  static const Category category;
  return category;
}

boost::system::error_code make_error_code(Errc errc) {
  return {static_cast<int>(errc), error_category()};
}

}  // namespace mailpod::crypto
