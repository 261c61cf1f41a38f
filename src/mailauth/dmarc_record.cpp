#include <array>

#include <mailpod/mailauth/dmarc.hpp>
#include <mailpod/mailauth/tag_list.hpp>
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

std::string_view value(const TagList& tags, std::string_view name) {
  const Tag* tag = tags.find(name);
  return tag != nullptr ? tag->value : std::string_view();
}

/// Of a tag that may be absent; false if it is there and no policy.
bool read_policy(const TagList& tags, std::string_view name, std::optional<DmarcPolicy>& into) {
  if (tags.find(name) == nullptr) return true;
  into = policy_for(value(tags, name));
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
  const auto tags = TagList::parse(text);
  return tags && tags->tags().front().name == "v" && tags->tags().front().value == "DMARC1";
}

text::Parsed<DmarcRecord> parse_dmarc_record(std::string_view text) {
  const text::Cursor in(text);
  const auto tags = TagList::parse(text);
  if (!tags) return tags.error();
  if (!is_dmarc_record(text)) return in.error("v=DMARC1");
  DmarcRecord record;
  std::optional<DmarcPolicy> policy;
  const bool well_said = read_policy(*tags, "p", policy) && read_policy(*tags, "sp", record.subdomains) &&
                         read_policy(*tags, "np", record.nonexistent);
  if (!well_said || !policy) {
    // RFC 9989 §4.7: who asks for reports is at least looking.
    if (value(*tags, "rua").empty()) return in.error("a policy");
    policy = DmarcPolicy::none;
    record.subdomains = record.nonexistent = std::nullopt;
  }
  record.policy = *policy;
  record.dkim = alignment(value(*tags, "adkim"));
  record.spf = alignment(value(*tags, "aspf"));
  const auto suffix = value(*tags, "psd");
  if (text::equal_fold(suffix, "y")) record.public_suffix = DmarcRecord::PublicSuffix::yes;
  if (text::equal_fold(suffix, "n")) record.public_suffix = DmarcRecord::PublicSuffix::no;
  record.testing = text::equal_fold(value(*tags, "t"), "y") || value(*tags, "pct") == "0";
  return record;
}

}  // namespace mailpod::mailauth
