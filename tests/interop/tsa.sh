#!/bin/sh
# A time-stamping authority by OpenSSL alone, for tests. Its clock is the system's.
#
#   tsa.sh found DIR               root.pem, tsa.pem, chain.pem (both, and what is between) in DIR
#   tsa.sh answer DIR QUERY FILE   the answer to QUERY, only the leaf certificate in it
#   tsa.sh content DIR ANSWER FILE what an answer signs (TSTInfo)
#   tsa.sh sign DIR CONTENT FILE   signs any content as a token, by a new certificate for the same key: `openssl ts`
#                                  itself refuses to sign with one that is not for time-stamps
#
# KEY=ec|rsa  NAME=…  DAYS=…  USAGE=…  BETWEEN=yes  say what is founded; PIECES=… is added to the answer's settings,
# TYPE=… is what is said to be signed.
set -eu

config() {
    cat <<END
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
${USAGE:+extendedKeyUsage = $USAGE}
[tsa_config]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = ${ESS:-sha256}
accuracy = secs:1, millisecs:500
${PIECES:-}
END
}

key() {
    case ${KEY:-ec} in
        ec) openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ;;
        rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null ;;
    esac
}

# signed NAME SECTION BY: a certificate of NAME under the key of BY
signed() {
    [ -e "$1.key" ] || key "$1.key"
    openssl req -new -config tsa.cnf -key "$1.key" -subj "/O=${NAME:-Test}/CN=$1" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -set_serial "0x$(openssl rand -hex 8)" \
        -days "${DAYS:-3650}" -extfile tsa.cnf -extensions "$2" -out "$1.pem" 2>/dev/null
}

USAGE=${USAGE-critical,timeStamping}
case $1 in
    found)
        mkdir -p "$2" && cd "$2"
        config > tsa.cnf
        key root.key
        openssl req -x509 -new -config tsa.cnf -key root.key -subj "/O=${NAME:-Test}/CN=root" -days 7300 \
            -extensions root -out root.pem
        by=root
        [ -z "${BETWEEN:-}" ] || { signed between root root; by=between; }
        signed tsa tsa $by
        echo 01 > serial
        cat root.pem > chain.pem
        [ -z "${BETWEEN:-}" ] || cat between.pem >> chain.pem
        ;;
    answer)
        in=$(realpath "$3") out=$(realpath "$4") && cd "$2"
        openssl ts -reply -config tsa.cnf -section tsa_config -queryfile "$in" -out "$out" >/dev/null 2>&1
        ;;
    content)
        openssl ts -reply -in "$3" -token_out -out "$2/token" >/dev/null 2>&1
        openssl cms -verify -noverify -inform DER -in "$2/token" -out "$4" 2>/dev/null
        ;;
    sign)
        in=$(realpath "$3") out=$(realpath "$4") && cd "$2"
        config > other.cnf
        openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 77 -days "${DAYS:-3650}" \
            -extfile other.cnf -extensions tsa -out other.pem 2>/dev/null
        openssl cms -sign -in "$in" -binary -nodetach -outform DER -econtent_type "${TYPE:-1.2.840.113549.1.9.16.1.4}" \
            -signer other.pem -inkey tsa.key -cades -out "$out"
        ;;
esac
