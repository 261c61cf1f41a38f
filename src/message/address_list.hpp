#pragma once

#include <string_view>
#include <vector>

#include <mailpod/message/header_values.hpp>

namespace mailpod::message {

/// An address list with its group markers, and how well it follows the RFC.
struct AddressElements {
  std::vector<EnvelopeAddress> elements;
  bool well_formed = true;
  bool truncated = false;
};

AddressElements parse_address_elements(std::string_view value, std::size_t max_elements);

}  // namespace mailpod::message
