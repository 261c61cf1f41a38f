#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/arc.hpp>
#include <mailpod/mailauth/dns_table.hpp>

#include "dkim_signature_field.hpp"
#include "header_fields.hpp"

namespace mailpod::mailauth {

/// One ARC-Seal field. RFC 8617 §4.1.3.
struct ArcSealField {
  unsigned instance = 0;
  std::string chain;  ///< `cv=`, lower case
  std::string domain, selector;
  std::optional<Algorithm> algorithm;
  std::string signature;       ///< octets
  std::string unsigned_field;  ///< without the value of `b=`
  std::string_view fault;      ///< empty: none
};
ArcSealField parse_arc_seal_field(std::string_view field);

/// The instance that an ARC-Authentication-Results field begins with; 0 if it cannot be read. RFC 8617 §4.1.1.
unsigned instance_of_results(std::string_view field);

/// A message's sets, ordered. Borrows the header.
class ArcChain {
public:
  static constexpr unsigned most_sets = 50;  // RFC 8617 §4.2.1

  struct Set {
    std::string_view results, message_signature, seal;  ///< whole fields
    DkimSignatureField message;
    ArcSealField sealed;
  };

  ArcChain() = default;
  explicit ArcChain(std::span<const HeaderField> fields);

  const std::vector<Set>& sets() const { return sets_; }
  /// Why these are no chain; empty: they may be one. RFC 8617 §5.2, the first three steps.
  std::string_view fault() const { return fault_; }

  /// The first `which` sets as they are signed, whole.
  std::string octets_before(std::size_t which) const;
  /// What the seal of a set signs: all sets up to it, its own seal without its signature. RFC 8617 §5.1.1.
  std::string sealed_octets(std::size_t which) const;

private:
  void check();

  std::vector<Set> sets_;  ///< 1, 2, …
  std::string_view fault_;
};

/// What of the signed message the newest set is held against.
struct ArcEvidence {
  std::span<const HeaderField> fields;
  std::string_view body_hash;  ///< in the form that the newest message signature asks for
  unsigned least_rsa_bits;
  unsigned most_rsa_bits;
};

/// Asks `dns` for all keys of a chain at once. False while one is missing there: nothing need be verified before.
bool ask_for_keys(const ArcChain& chain, DnsTable& dns);

/// RFC 8617 §5.2. Reads keys from `dns`, all of which have been asked for.
ArcVerdict check_arc(const ArcChain& chain, const ArcEvidence& evidence, DnsTable& dns);

}  // namespace mailpod::mailauth
