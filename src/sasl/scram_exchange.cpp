#include <mailpod/sasl/scram_exchange.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::sasl {
namespace {

/// Of one message, decoded: a name and a nonce of any sensible length, and room for extensions.
constexpr std::size_t longest_message = 4 * longest_field;
constexpr std::size_t proof_size = 32;

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.sasl.scram"; }
  std::string message(int value) const override {
    switch (static_cast<ScramError>(value)) {
      case ScramError::invalid_encoding:
        return "invalid-encoding";
      case ScramError::extensions_not_supported:
        return "extensions-not-supported";
      case ScramError::invalid_username_encoding:
        return "invalid-username-encoding";
      case ScramError::channel_bindings_dont_match:
        return "channel-bindings-dont-match";
      case ScramError::server_does_support_channel_binding:
        return "server-does-support-channel-binding";
      case ScramError::channel_binding_not_supported:
        return "channel-binding-not-supported";
      case ScramError::unsupported_channel_binding_type:
        return "unsupported-channel-binding-type";
      case ScramError::other_error:
        return "other-error";
    }
    return "other-error";
  }
};

Status refuse(boost::system::error_code error) {
  return error;
}

/// What every message must be, before it is taken apart.
Status check_message(std::string_view message) {
  if (message.size() > longest_message) return refuse(MechanismError::too_long);
  if (message.find('\0') != std::string_view::npos) return refuse(ScramError::invalid_encoding);
  if (!text::is_utf8(message)) return refuse(MechanismError::not_utf8);
  return {};
}

/// Up to the next comma, which is passed over; nothing if there is none.
std::optional<std::string_view> take_part(std::string_view& rest) {
  const auto comma = rest.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto part = rest.substr(0, comma);
  rest.remove_prefix(comma + 1);
  return part;
}

/// attr-val = ALPHA "=" 1*value-char. RFC 5802 §7.
struct Attribute {
  char name;
  std::string_view value;
};

/// A message's attributes one after the other. A comma leads to another one, so none stands at the end.
class Attributes {
public:
  explicit Attributes(std::string_view message) : rest_(message) {}

  /// nullopt if none is left, or what is left is none: then not at_end().
  std::optional<Attribute> take() {
    if (at_end_) return std::nullopt;
    const auto whole = rest_.substr(0, rest_.find(','));
    if (whole.size() < 3 || whole[1] != '=' || !is_letter(whole[0])) return std::nullopt;
    at_end_ = whole.size() == rest_.size();
    rest_.remove_prefix(at_end_ ? whole.size() : whole.size() + 1);
    return Attribute{whole[0], whole.substr(2)};
  }
  std::optional<std::string_view> take(char name) {
    const auto attribute = take();
    if (!attribute || attribute->name != name) return std::nullopt;
    return attribute->value;
  }
  bool at_end() const { return at_end_; }
  bool demands_extension() const { return rest_.starts_with("m="); }

private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  std::string_view rest_;
  bool at_end_ = false;
};

bool is_nonce(std::string_view octets) {
  return std::ranges::all_of(octets, [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
}

/// saslname: `=2C` for a comma, `=3D` for an equals sign, and no other of these. RFC 5802 §5.1, "n".
std::optional<std::string> parse_name(std::string_view written) {
  std::string name;
  while (!written.empty()) {
    if (written.starts_with("=2C") || written.starts_with("=3D")) {
      name += written[1] == '2' ? ',' : '=';
      written.remove_prefix(3);
    } else if (written.front() == '=') {
      return std::nullopt;
    } else {
      name += written.front();
      written.remove_prefix(1);
    }
  }
  return name;
}

}  // namespace

const boost::system::error_category& scram_category() {
  static const Category category;
  return category;
}

bool is_malformed(const boost::system::error_code& error) {
  return error == ScramError::invalid_encoding || error == ScramError::extensions_not_supported ||
         error == ScramError::invalid_username_encoding || error == MechanismError::too_long ||
         error == MechanismError::not_utf8;
}

ChannelBindings bindings_of(const net::Stream& stream) {
  return {stream.channel_binding(net::Binding::tls_exporter),
          stream.channel_binding(net::Binding::tls_server_end_point)};
}

/// gs2-cbind-flag, RFC 5802 §6: `p=` names the binding; `y` is a client that could and was not offered it, `n` one that
/// cannot.
Status ScramExchange::choose_binding(std::string_view flag) {
  if (flag.starts_with("p=")) {
    if (variant_ == Variant::bare) return refuse(ScramError::channel_binding_not_supported);
    const auto kind = flag.substr(2);
    if (kind == "tls-exporter") expected_ = bindings_.exporter;
    if (kind == "tls-server-end-point") expected_ = bindings_.server_end_point;
    return expected_.empty() ? refuse(ScramError::unsupported_channel_binding_type) : Status{};
  }
  if (flag != "n" && flag != "y") return refuse(ScramError::invalid_encoding);
  if (flag == "y" && bindings_.any()) return refuse(ScramError::server_does_support_channel_binding);
  return variant_ == Variant::plus ? refuse(ScramError::other_error) : Status{};
}

/// gs2-header = gs2-cbind-flag "," [ authzid ] ","
Status ScramExchange::take_header(std::string_view& rest) {
  const auto whole = rest;
  const auto flag = take_part(rest);
  const auto authorization = flag ? take_part(rest) : std::nullopt;
  if (!authorization) return refuse(ScramError::invalid_encoding);
  if (const auto chosen = choose_binding(*flag); !chosen) return chosen;
  header_ = whole.substr(0, whole.size() - rest.size());
  expected_.insert(0, header_);
  return {};
}

Status ScramExchange::take_first(std::string_view message) {
  if (const auto good = check_message(message); !good) return good;
  auto rest = message;
  if (const auto taken = take_header(rest); !taken) return taken;
  Attributes attributes(rest);
  if (attributes.demands_extension()) return refuse(ScramError::extensions_not_supported);
  // An empty name is an attribute without a value, which the grammar has not; said as PLAIN's is.
  if (rest.starts_with("n=,")) return refuse(MechanismError::empty_name);
  const auto written = attributes.take('n');
  const auto nonce = attributes.take('r');
  if (!written || !nonce || !is_nonce(*nonce)) return refuse(ScramError::invalid_encoding);
  // Extensions that nobody demands are passed over; they are in what both sides sign.
  while (const auto extension = attributes.take()) {
    if (extension->name == 'm') return refuse(ScramError::extensions_not_supported);
  }
  if (!attributes.at_end()) return refuse(ScramError::invalid_encoding);

  auto account = parse_name(*written);
  if (!account) return refuse(ScramError::invalid_username_encoding);
  if (account->size() > longest_field) return refuse(MechanismError::too_long);
  authentication_id_ = std::move(*account);
  nonce_ = *nonce;
  auth_message_ = rest;
  // Between the header's commas: nothing, or who to act as.
  const auto authorization = std::string_view(header_).substr(header_.find(',') + 1);
  if (authorization == ",") return {};
  if (!authorization.starts_with("a=")) return refuse(ScramError::invalid_encoding);
  const auto acting_as = parse_name(authorization.substr(2, authorization.size() - 3));
  if (acting_as && acting_as->empty()) return refuse(ScramError::invalid_encoding);
  if (!acting_as) return refuse(ScramError::invalid_username_encoding);
  return *acting_as == authentication_id_ ? Status{} : refuse(MechanismError::authorization_differs);
}

std::string ScramExchange::server_first(const ScramChallenge& challenge) {
  nonce_ += challenge.nonce;
  std::string message =
      "r=" + nonce_ + ",s=" + text::write_base64(challenge.salt) + ",i=" + std::to_string(challenge.iterations);
  auth_message_ += "," + message;
  return message;
}

Status ScramExchange::take_final(std::string_view message) {
  if (const auto good = check_message(message); !good) return good;
  Attributes attributes(message);
  const auto binding = attributes.take('c');
  const auto nonce = attributes.take('r');
  if (!binding || !nonce) return refuse(ScramError::invalid_encoding);
  // The proof is the last one; RFC 5802 §7, client-final-message.
  std::optional<Attribute> last;
  while (const auto attribute = attributes.take()) {
    if (attribute->name == 'm') return refuse(ScramError::extensions_not_supported);
    last = attribute;
    if (attribute->name == 'p') break;
  }
  if (!attributes.at_end() || !last || last->name != 'p') return refuse(ScramError::invalid_encoding);
  auto proof = text::parse_base64(last->value);
  const auto bound = text::parse_base64(*binding);
  if (!proof || proof->size() != proof_size || !bound) return refuse(ScramError::invalid_encoding);
  if (*bound != expected_) return refuse(ScramError::channel_bindings_dont_match);
  if (*nonce != nonce_) return refuse(ScramError::other_error);
  auth_message_ += ",";
  auth_message_ += message.substr(0, message.size() - last->value.size() - std::string_view(",p=").size());
  proof_ = std::move(*proof);
  return {};
}

std::string ScramExchange::server_final(const base::ByteArray<32>& signature) {
  return "v=" + text::write_base64(base::octets(signature));
}

}  // namespace mailpod::sasl
