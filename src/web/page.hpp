#pragma once

#include <string>
#include <string_view>

#include <mailpod/http/message.hpp>
#include <mailpod/http/router.hpp>
#include <mailpod/web/site.hpp>

namespace mailpod::web {

/// Makes one answer; blocks. On the pool.
using Page = http::Response (*)(const Site::Source&, const http::Visit&);

namespace media {
inline constexpr std::string_view text = "text/plain; charset=utf-8";
inline constexpr std::string_view html = "text/html; charset=utf-8";
inline constexpr std::string_view xml = "application/xml; charset=utf-8";
inline constexpr std::string_view octets = "application/octet-stream";
}  // namespace media

/// How long others may keep an answer.
namespace caching {
inline constexpr std::string_view for_ever = "public, max-age=31536000, immutable";
inline constexpr std::string_view minutes = "public, max-age=300";
inline constexpr std::string_view seconds = "public, max-age=10";
inline constexpr std::string_view never = "no-store";
}  // namespace caching

/// 200, with an entity tag that is its content's hash.
http::Response content(std::string octets, std::string_view media_type, std::string_view caching);
/// A status and its words.
http::Response refusal(unsigned status);
/// For XML and HTML, in text and in attributes.
std::string escaped(std::string_view text);

// Of the pod.
http::Response front_page(const Site::Source& source, const http::Visit& visit);
http::Response security_page(const Site::Source& source, const http::Visit& visit);
http::Response card_page(const Site::Source& source, const http::Visit& visit);
http::Response mta_sts_page(const Site::Source& source, const http::Visit& visit);
// For mail programs.
http::Response autoconfig_page(const Site::Source& source, const http::Visit& visit);
http::Response autodiscover_page(const Site::Source& source, const http::Visit& visit);
http::Response mobileconfig_page(const Site::Source& source, const http::Visit& visit);
// Of governance/.
http::Response charter_list(const Site::Source& source, const http::Visit& visit);
http::Response charter_file(const Site::Source& source, const http::Visit& visit);
http::Response act_file(const Site::Source& source, const http::Visit& visit);
http::Response checkpoint_page(const Site::Source& source, const http::Visit& visit);
http::Response cosigned_page(const Site::Source& source, const http::Visit& visit);
http::Response witnesses_page(const Site::Source& source, const http::Visit& visit);
http::Response tile_page(const Site::Source& source, const http::Visit& visit);
http::Response add_checkpoint(const Site::Source& source, const http::Visit& visit);

}  // namespace mailpod::web
