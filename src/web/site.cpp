#include <mailpod/web/site.hpp>

#include "page.hpp"
#include "shelf.hpp"
#include "visitors.hpp"

namespace mailpod::web {
namespace {

constexpr std::size_t pages_at_once = 8;
constexpr std::size_t pages_waiting = 512;
// Bundles of entries are up to 16 MiB: few of them are in memory at once while they are read.
constexpr std::size_t tiles_at_once = 2;
constexpr std::size_t tiles_waiting = 128;
constexpr std::size_t shelf_room = 8 * 1024 * 1024;  // octets
constexpr std::size_t witnessing_at_once = 1;
constexpr std::size_t witnessing_waiting = 32;
constexpr std::size_t witnessing_of_one_address = 2;

using boost::asio::awaitable;

awaitable<http::Response> made(const Site::Source& source, net::Gate& gate, Page page, const http::Visit& visit) {
  http::Response response;
  auto work = [&source, page, &visit, &response] { response = page(source, visit); };
  auto turn = gate.run(work);
  const Status done = co_await std::move(turn);
  if (!done) {
    response = refusal(503);
    response.fields.add("Retry-After", "10");
  }
  co_return response;
}

/// Whoever asks for much at once keeps none but himself waiting.
awaitable<http::Response> made_in_turn(Visitors& visitors, const Site::Source& source, net::Gate& gate, Page page,
                                       const http::Visit& visit) {
  const auto stay = visitors.admit(visit.peer.address);
  if (!stay) {
    http::Response busy = refusal(429);
    busy.fields.add("Retry-After", "10");
    co_return busy;
  }
  auto making = made(source, gate, page, visit);
  auto response = co_await std::move(making);
  co_return response;
}

/// Of what never changes one making is enough, and asking again costs no thread.
awaitable<http::Response> kept(Shelf& shelf, const Site::Source& source, net::Gate& gate, Page page,
                               const http::Visit& visit) {
  const std::string path = visit.request.path.str();
  if (const auto found = shelf.find(path)) co_return *found;
  auto making = made(source, gate, page, visit);
  auto response = co_await std::move(making);
  const auto* caching_said = response.fields.find("cache-control");
  const bool never_changes = caching_said != nullptr && *caching_said == caching::for_ever;
  if (response.status == 200 && never_changes) shelf.put(path, response);
  co_return response;
}

struct Gates {
  net::Gate& reading;
  net::Gate& tiles;
  net::Gate& witnessing;
};

/// What this pod publishes, in the order in which docs/http.md explains it.
std::vector<http::Route> table(const Site::Source& source, Shelf& shelf, Visitors& visitors, const Gates& gates) {
  net::Gate& reading = gates.reading;
  net::Gate& tiles = gates.tiles;
  net::Gate& witnessing = gates.witnessing;
  const auto shows = [&source, &reading](Page page) -> http::Responder {
    return [&source, &reading, page](const http::Visit& visit) { return made(source, reading, page, visit); };
  };
  const auto keeps = [&source, &shelf](Page page, net::Gate& gate) -> http::Responder {
    return [&source, &shelf, &gate, page](const http::Visit& visit) { return kept(shelf, source, gate, page, visit); };
  };
  const auto witnesses = [&source, &witnessing, &visitors](Page page) -> http::Responder {
    return [&source, &witnessing, &visitors, page](const http::Visit& visit) {
      return made_in_turn(visitors, source, witnessing, page, visit);
    };
  };
  using enum http::Method;
  return {
      {get, "/", shows(front_page)},
      {get, "/.well-known/security.txt", shows(security_page)},
      {get, "/.well-known/mta-sts.txt", shows(mta_sts_page)},

      {get, "/.well-known/autoconfig/mail/config-v1.1.xml", shows(autoconfig_page)},
      {get, "/mail/config-v1.1.xml", shows(autoconfig_page)},
      {post, "/autodiscover/autodiscover.xml", shows(autodiscover_page)},
      {post, "/Autodiscover/Autodiscover.xml", shows(autodiscover_page)},
      {get, "/.well-known/mailpod/mail.mobileconfig", shows(mobileconfig_page)},

      {get, "/.well-known/mailpod/pod", shows(card_page)},
      {get, "/.well-known/mailpod/charter/", shows(charter_list)},
      {get, "/.well-known/mailpod/charter/{file}", shows(charter_file)},
      {get, "/.well-known/mailpod/charter/acts/{entry}", keeps(act_file, reading)},
      {get, "/.well-known/mailpod/ledger/checkpoint", shows(checkpoint_page)},
      {get, "/.well-known/mailpod/ledger/cosigned", shows(cosigned_page)},
      {get, "/.well-known/mailpod/ledger/witnesses", shows(witnesses_page)},
      {get, "/.well-known/mailpod/ledger/{tile...}", keeps(tile_page, tiles)},
      {post, "/.well-known/mailpod/witness/add-checkpoint", witnesses(add_checkpoint)},
  };
}

}  // namespace

Site::Site(Source source)
    : source_(std::move(source)),
      shelf_(std::make_unique<Shelf>(shelf_room)),
      reading_(source_.pool, pages_at_once, pages_waiting),
      tiles_(source_.pool, tiles_at_once, tiles_waiting),
      visitors_(std::make_unique<Visitors>(witnessing_of_one_address)),
      witnessing_(source_.pool, witnessing_at_once, witnessing_waiting),
      contents_(table(source_, *shelf_, *visitors_, {reading_, tiles_, witnessing_})) {}

Site::~Site() = default;

}  // namespace mailpod::web
