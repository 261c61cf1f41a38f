// Any octets as search keys, asked of a small mailbox: what a key finds and what its negation finds are the whole
// mailbox, each message once.

#include <cstdlib>

#include "../../src/imap/search_program.hpp"
#include "../../src/imap/search_scan.hpp"
#include "unit/store/household.hpp"

namespace {

using namespace mailpod;
using store::test::Household;

constexpr imap::SearchLimits limits{.depth = 32, .keys = 100, .set_ranges = 100, .texts = 3};

/// Made once: a mailbox that every key has something to find in.
struct Mailbox {
  Mailbox() : vault(house.open()) {
    const auto keep = [this](const std::string& octets, std::uint32_t flags, std::vector<std::string> keywords = {}) {
      Household::append(*vault, octets, "INBOX", {store::FlagChange::How::replace, flags, std::move(keywords)});
    };
    keep(store::test::mail("one"), store::Flags::seen);
    keep(store::test::mail("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "caf\xc3\xa9\r\n"), store::Flags::flagged, {"$label"});
    keep(
        "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nCc: c@example.org\r\nBcc: d@example.org\r\nMessage-ID: "
        "<m@example.org>\r\n"
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
        "quoted-printable\r\n\r\nna=EFve\r\n",
        store::Flags::answered | store::Flags::draft);
    keep(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
        "within\r\n\r\ntext\r\n"
        "--b--\r\n",
        store::Flags::deleted);
    keep("", 0);
  }
  Household house;
  std::unique_ptr<store::Vault> vault;
};

std::vector<store::SeqNum> found_by(imap::SearchProgram program, Mailbox& mailbox, const imap::View& view) {
  imap::SearchScan scan(std::move(program), view, *mailbox.vault, mailbox.house.clock);
  while (scan.next(std::chrono::hours(1))) {
  }
  if (scan.unreadable() > 0) std::abort();
  return scan.found();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static Mailbox mailbox;
  if (size > 2'000) return 0;
  text::Cursor in({reinterpret_cast<const char*>(data), size});
  auto program = imap::parse_search(in, limits);
  if (program.has_error() || !program->known_charset) return 0;

  imap::SearchProgram negated = *program;
  imap::SearchKey root(imap::SearchKey::Kind::negated);
  root.keys.push_back(std::move(negated.root));
  negated.root = std::move(root);

  const imap::View view(mailbox.vault->state()->find("INBOX"));
  auto all = found_by(std::move(*program), mailbox, view);
  const auto rest = found_by(std::move(negated), mailbox, view);
  all.insert(all.end(), rest.begin(), rest.end());
  std::ranges::sort(all);
  std::uint32_t expected = 0;
  for (const auto number : all) {
    if (number.value != ++expected) std::abort();
  }
  if (expected != view.count()) std::abort();
  return 0;
}
