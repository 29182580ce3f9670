"""A time-stamp by the eyes of `rfc3161-client`: stamp.py ANSWER FILE ROOT."""

import sys

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

answer, stamped, root = (open(path, "rb").read() for path in sys.argv[1:4])
response = decode_timestamp_response(answer)
builder = VerifierBuilder()
for certificate in load_pem_x509_certificates(root):
    builder = builder.add_root_certificate(certificate)
try:
    builder.build().verify_message(response, stamped)
except VerificationError as error:
    sys.exit(print("not verified:", error) or 1)
print("verified")
