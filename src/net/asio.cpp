// The one place where Boost.Asio is compiled (BOOST_ASIO_SEPARATE_COMPILATION). Its ssl part is not: see
// tls_session.hpp.
#include <boost/asio/impl/src.hpp>
