#include <algorithm>
#include <array>
#include <utility>

#include <mailpod/mailauth/dmarc.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::mailauth {

namespace {

constexpr std::array<std::string_view, 3> policies{"none", "quarantine", "reject"};

std::optional<DmarcPolicy> policy_for(std::string_view value) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (text::equal_fold(policies.at(i), value)) return static_cast<DmarcPolicy>(i);
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space(" \t\r\n");
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

/// `name=value; name=value`, read as a policy is meant and not as a signature must be: what cannot be read takes
/// nothing from the rest, and of a name that stands twice the first counts. RFC 9989 §4.8.
class DmarcTags {
public:
  explicit DmarcTags(std::string_view record) : record_(record) {}

  std::optional<std::string_view> find(std::string_view name) const {
    for (auto rest = record_; !rest.empty();) {
      const auto [found, value] = take_tag(rest);
      if (found == name) return value;
    }
    return std::nullopt;
  }
  std::string_view value(std::string_view name) const { return find(name).value_or(std::string_view()); }

  /// RFC 9989 §4.7: the version comes first, or it is none.
  bool has_version() const {
    auto rest = record_;
    return take_tag(rest) == std::pair(std::string_view("v"), std::string_view("DMARC1"));
  }

private:
  /// Name and value; of what is no tag an empty name.
  static std::pair<std::string_view, std::string_view> take_tag(std::string_view& rest) {
    const auto piece = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    const auto sign = piece.find('=');
    if (sign == std::string_view::npos) return {};
    return {trimmed(piece.substr(0, sign)), trimmed(piece.substr(sign + 1))};
  }

  std::string_view record_;
};

/// Of a tag that may be absent; false if it is there and no policy.
bool read_policy(const DmarcTags& tags, std::string_view name, std::optional<DmarcPolicy>& into) {
  const auto value = tags.find(name);
  if (!value) return true;
  into = policy_for(*value);
  return into.has_value();
}

DmarcRecord::Alignment alignment(std::string_view value) {
  return text::equal_fold(value, "s") ? DmarcRecord::Alignment::strict : DmarcRecord::Alignment::relaxed;
}

}  // namespace

std::string_view name_of(DmarcPolicy policy) {
  return policies.at(static_cast<std::size_t>(policy));
}

bool is_dmarc_record(std::string_view text) {
  return DmarcTags(text).has_version();
}

text::Parsed<DmarcRecord> parse_dmarc_record(std::string_view text) {
  const text::Cursor in(text);
  const DmarcTags tags(text);
  if (!tags.has_version()) return in.error("v=DMARC1");
  DmarcRecord record;
  std::optional<DmarcPolicy> policy;
  const bool well_said = read_policy(tags, "p", policy) && read_policy(tags, "sp", record.subdomains) &&
                         read_policy(tags, "np", record.nonexistent);
  if (!well_said || !policy) {
    // RFC 9989 §4.7: who asks for reports is at least looking.
    if (tags.value("rua").empty()) return in.error("a policy");
    policy = DmarcPolicy::none;
    record.subdomains = record.nonexistent = std::nullopt;
  }
  record.policy = *policy;
  record.dkim = alignment(tags.value("adkim"));
  record.spf = alignment(tags.value("aspf"));
  const auto suffix = tags.value("psd");
  if (text::equal_fold(suffix, "y")) record.public_suffix = DmarcRecord::PublicSuffix::yes;
  if (text::equal_fold(suffix, "n")) record.public_suffix = DmarcRecord::PublicSuffix::no;
  record.testing = text::equal_fold(tags.value("t"), "y") || tags.value("pct") == "0";
  return record;
}

}  // namespace mailpod::mailauth
