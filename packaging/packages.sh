# shellcheck shell=bash disable=SC2034
# Which Debian packages Mailpod needs, and how they get here. Sourced by quickstart.sh and tests/run.sh.

build_packages=(cmake ninja-build ccache mold pkg-config clang-19 lld-19 libstdc++-12-dev
  libboost1.81-dev libssl-dev libsodium-dev libsqlite3-dev libicu-dev libunbound-dev libspdlog-dev
  libfmt-dev nlohmann-json3-dev libcli11-dev libqrencode-dev zlib1g-dev libexpat1-dev)

# quickstart sends and reads its first message with a stock client.
quickstart_packages=("${build_packages[@]}" curl ca-certificates)

test_packages=("${build_packages[@]}" llvm-19 libclang-rt-19-dev libgtest-dev libgmock-dev libgmime-3.0-dev
  python3 curl swaks isync mutt neomutt msmtp gsasl offlineimap3 fetchmail alpine aerc tmux iproute2 libnet-ssleay-perl
  libio-socket-ssl-perl minisign age openssl procps strace
  systemd man-db util-linux)

# The other servers of tests/lab, and fail2ban. They are unpacked, not installed: installed they would start, want the ports
# of the machine's own servers, or drive those out.
lab_packages=(fail2ban knot unbound postfix exim4-daemon-light opensmtpd python3-dkim python3-nacl opendkim opendkim-tools
  python3-spf python3-dns libopendmarc2)

# What tests/thunderbird.sh needs besides: the program, a screen, trust in a certificate, pictures.
thunderbird_packages=(thunderbird xvfb libnss3-tools imagemagick openssl curl python3 iproute2)

# What tests/bench/http.py is measured beside; unpacked as well.
bench_packages=(nginx-light)

# Installs those of "$@" that are missing; only root can.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  if ((EUID != 0)); then
    echo "These packages are missing; as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q </dev/null
  apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null
}

# fetch_missing FOLDER PACKAGE…: unpacks those that are not installed, with what they depend on, into FOLDER. One after the
# other, as some exclude each other; of a file that several bring (sendmail), the first one's stays.
fetch_missing() {
  local folder=$1 missing=() package archive archives
  shift
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' && continue
    [[ -e $folder/usr/share/doc/$package ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  echo "Fetching, without installing: ${missing[*]}"
  mkdir -p "$folder"
  apt-get update -q </dev/null
  for package in "${missing[@]}"; do
    archives=$(mktemp -d)
    mkdir "$archives/partial"
    apt-get install -q -y --no-install-recommends --download-only -o Dir::Cache::archives="$archives" \
      -o Debug::NoLocking=1 -o APT::Sandbox::User=root "$package" </dev/null
    for archive in "$archives"/*.deb; do
      dpkg-deb --fsys-tarfile "$archive" | tar --extract --skip-old-files --directory="$folder"
    done
    rm -r "$archives"
  done
}
