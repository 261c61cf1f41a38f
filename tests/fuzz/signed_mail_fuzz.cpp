// Any octets as a message to the governance address. What comes out is within its limits, is what it claims to be, and
// no signature stands with a file that it does not name; and any octets as the text of an act, which has one form.

#include <cstdint>
#include <cstdlib>

#include <mailpod/crypto/minisign.hpp>
#include <mailpod/delivery/signed_mail.hpp>
#include <mailpod/governance/act_text.hpp>
#include <mailpod/message/scanner.hpp>

using namespace mailpod;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void try_text(std::string_view octets) {
  const auto text = governance::parse_act_text(octets, "text");
  if (text) require(governance::write_act_text(*text) == octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  try_text(octets);
  const base::MemorySource message(octets);
  const auto mail = delivery::read_signed_mail(message, message::scan(message));
  require(mail.files.size() <= 16 && (!mail.too_much || (mail.files.empty() && mail.texts.empty())));
  for (const auto& file : mail.files) {
    require(!governance::type_of(file.octets).empty());
    const auto hash = base::hex(base::octets(governance::identity(file.octets)));
    for (const auto& minisig : file.minisigs) {
      const auto signature = crypto::minisign::parse_signature(minisig);
      require(signature && signature->trusted_comment.ends_with(hash));
    }
  }
  for (const auto& text : mail.texts) try_text(text);
  return 0;
}
