#include "web_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

constexpr Choice<web::Settings::MtaSts> mta_sts_modes[] = {
    {"none", web::Settings::MtaSts::none},
    {"testing", web::Settings::MtaSts::testing},
    {"enforce", web::Settings::MtaSts::enforce},
};

/// RFC 9116 §2.5.3, as far as it is told here: a URI in one line.
bool is_contact_or_empty(std::string_view text) {
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  const bool uri = text.starts_with("mailto:") || text.starts_with("https://") || text.starts_with("tel:");
  return text.empty() || (text.size() <= 500 && uri && std::ranges::all_of(text, printable));
}

void add_http(Rows& rows) {
  rows.push_back(milliseconds(
      "http", "idle_timeout_milliseconds", {100, 600'000}, [](auto& c) -> auto& { return c.http_session.idle_timeout; },
      "From an answer to the next request."));
  rows.push_back(milliseconds(
      "http", "head_timeout_milliseconds", {100, 600'000}, [](auto& c) -> auto& { return c.http_session.head_timeout; },
      "From a request's first octet to the end of its fields."));
  rows.push_back(milliseconds(
      "http", "content_timeout_milliseconds", {100, 600'000},
      [](auto& c) -> auto& { return c.http_session.content_timeout; }, "For all of a request's content."));
  rows.push_back(milliseconds(
      "http", "answer_timeout_milliseconds", {100, 600'000},
      [](auto& c) -> auto& { return c.http_session.answer_timeout; }, "For each 64 KiB of an answer to be taken."));
  rows.push_back(milliseconds(
      "http", "lifetime_milliseconds", {1000, 86'400'000}, [](auto& c) -> auto& { return c.http_session.lifetime; },
      "Of a connection; later it takes no request."));
  rows.push_back(number(
      "http", "requests", {1, 1'000'000}, [](auto& c) -> auto& { return c.http_session.requests; },
      "Of one connection."));
  rows.push_back(number(
      "http", "request_line_octets", {8000, mib}, [](auto& c) -> auto& { return c.http_session.limits.start_line; },
      "RFC 9112 §3 asks for 8000."));
  rows.push_back(number(
      "http", "head_octets", {8 * kib, mib}, [](auto& c) -> auto& { return c.http_session.limits.head; },
      "A request line with all fields."));
  rows.push_back(number(
      "http", "fields", {20, 10'000}, [](auto& c) -> auto& { return c.http_session.limits.fields; },
      "Of one request."));
  rows.push_back(number(
      "http", "content_octets", {64 * kib, 64 * mib}, [](auto& c) -> auto& { return c.http_session.limits.content; },
      "Of one request."));
  rows.push_back(number(
      "http", "answers_octets", {mib, 64 * gib}, [](auto& c) -> auto& { return c.http_session.answers; },
      "Answers under way, of all connections together; then 503."));
  rows.push_back(seconds(
      "http", "strict_transport_seconds", {0, 10 * 365 * 86'400},
      [](auto& c) -> auto& { return c.http_session.strict_transport; },
      "How long browsers that came by TLS shall come by TLS only (HSTS, RFC 6797). 0: they are told nothing."));
}

void add_web(Rows& rows) {
  rows.push_back(choice(
      "web", "mta_sts", mta_sts_modes, [](auto& c) -> auto& { return c.web.mta_sts; },
      "What other servers are to do that find no good certificate here (RFC 8461 §5): `testing`, deliver and report; "
      "`enforce`, do not deliver; `none`, forget the policy."));
  rows.push_back(seconds(
      "web", "mta_sts_max_age_seconds", {60, 31'557'600}, [](auto& c) -> auto& { return c.web.mta_sts_max_age; },
      "How long they remember it. A week or more protects; less is for trying it out."));
  rows.push_back(text(
      "web", "security_contact", is_contact_or_empty, "a URI that begins with mailto:, https:// or tel:, or nothing",
      [](auto& c) -> auto& { return c.web.security_contact; },
      "Who is told of weaknesses (security.txt, RFC 9116). Empty: security@ where the charter has that role, or "
      "postmaster@."));
}

}  // namespace

void add_web_settings(std::vector<Setting>& rows) {
  add_http(rows);
  add_web(rows);
}

}  // namespace mailpod::daemon
