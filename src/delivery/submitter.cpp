#include "submitter.hpp"

#include <mailpod/text/unicode.hpp>

namespace mailpod::delivery {

bool Submitter::owns(const smtp::Mailbox& mailbox) const {
  const std::string local_part = text::to_nfc(mailbox.local_part).value_or("");
  const members::Person* person = directory->find_reached(local_part + "@" + mailbox.domain, separator);
  return person != nullptr && person->id == member;
}

}  // namespace mailpod::delivery
