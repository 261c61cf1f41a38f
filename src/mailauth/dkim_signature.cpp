#include <mailpod/mailauth/dkim_signature.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

#include "header_fields.hpp"

namespace mailpod::mailauth {

namespace {

/// Whether one more of a field may be added on the way without breaking the signature. RFC 6376 §8.15.
enum class Further {
  never,              ///< named once more than it occurs, even where it does not occur
  if_there_was_none,  ///< the same, but only where it occurs: a mailing list may say these in its own name
};
struct Signed {
  std::string_view name;
  Further further;
};

// What its author says, and what says how to read it. RFC 6376 §5.4.1.
constexpr std::array signed_fields{
    Signed{"from", Further::never},
    Signed{"to", Further::never},
    Signed{"cc", Further::never},
    Signed{"subject", Further::never},
    Signed{"date", Further::never},
    Signed{"message-id", Further::never},
    Signed{"reply-to", Further::never},
    Signed{"in-reply-to", Further::never},
    Signed{"references", Further::never},
    Signed{"mime-version", Further::never},
    Signed{"content-type", Further::never},
    Signed{"content-transfer-encoding", Further::never},
    Signed{"sender", Further::if_there_was_none},
    Signed{"list-id", Further::if_there_was_none},
    Signed{"list-help", Further::if_there_was_none},
    Signed{"list-owner", Further::if_there_was_none},
    Signed{"list-post", Further::if_there_was_none},
    Signed{"list-archive", Further::if_there_was_none},
    Signed{"list-subscribe", Further::if_there_was_none},
    Signed{"list-unsubscribe", Further::if_there_was_none},
    Signed{"list-unsubscribe-post", Further::if_there_was_none},
};

std::size_t count(const std::vector<HeaderField>& fields, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const HeaderField& field) { return text::equal_fold(field.name, name); }));
}

/// `h=`.
std::vector<std::string> names_for(const std::vector<HeaderField>& fields) {
  std::vector<std::string> names;
  for (const auto& [name, further] : signed_fields) {
    const std::size_t present = count(fields, name);
    if (present == 0 && further == Further::if_there_was_none) continue;
    names.insert(names.end(), present + 1, std::string(name));
  }
  return names;
}

std::string value_of(const HeaderField& field) {
  return std::string(field.octets.substr(field.octets.find(':') + 1));
}

}  // namespace

Result<SignableMessage> SignableMessage::read(const base::OctetSource& message, std::size_t limit) {
  constexpr std::size_t step = 16 * 1024;
  std::string header;
  for (std::size_t wanted = step;; wanted *= 2) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>({wanted, limit, message.size()}));
    const std::size_t had = header.size();
    header.resize(most);
    if (message.read_at(had, std::span(header).subspan(had)) != most - had)
      throw std::system_error(EIO, std::system_category(), "a message is shorter than it was");
    const auto length = message::header_length(header);
    if (length != std::string_view::npos) header.resize(length);
    if (length != std::string_view::npos || header.size() == message.size())
      return SignableMessage(message, std::move(header));
    if (header.size() == limit) return Errc::header_too_long;
  }
}

std::optional<std::string> SignableMessage::author_domain() const {
  const auto fields = split_header(header_);
  if (count(fields, "from") != 1) return std::nullopt;
  const auto from =
      std::ranges::find_if(fields, [](const HeaderField& field) { return text::equal_fold(field.name, "from"); });
  const auto authors = message::parse_address_list(value_of(*from));
  if (!authors.well_formed || authors.truncated || authors.addresses.size() != 1) return std::nullopt;
  return text::lower(authors.addresses.front().host);
}

std::string SignableMessage::signatures(const std::vector<Signatory>& signatories, base::Time now) const {
  constexpr auto how = Canonicalization::relaxed;
  const auto fields = split_header(header_);
  const auto names = names_for(fields);
  const std::string hashed = canonical_fields(fields, names, how);
  const auto body = hash_body(*message_, header_.size(), how);
  const std::uint64_t made = base::to_seconds(now);
  std::string out;
  for (const auto& [domain, selector, key] : signatories) {
    TagListWriter field("DKIM-Signature");
    field.word("v", "1").word("a", name_of(key.algorithm())).word("c", "relaxed/relaxed");
    field.word("d", domain).word("s", selector);
    field.word("t", std::to_string(made)).word("x", std::to_string(base::to_seconds(now + signature_validity)));
    field.colon_list("h", names).word("bh", text::write_base64(base::octets(body))).open("b");
    // RFC 6376 §3.7: itself too, but for the value of b= and the line end.
    std::string to_sign = hashed + canonical_field(how, field.str());
    to_sign.resize(to_sign.size() - 2);
    out += field.base64(text::write_base64(key.sign(to_sign))).take() + "\r\n";
  }
  return out;
}

}  // namespace mailpod::mailauth
